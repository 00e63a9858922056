package io.p2pvpn.simulator.plot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Offset.offset;

import java.io.StringReader;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.w3c.dom.Document;
import org.xml.sax.InputSource;

class SvgChartTest {
    private static Document parsed(Chart chart) throws Exception {
        return DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new InputSource(new StringReader(SvgChart.draw(List.of(chart)))));
    }

    @Test
    void draw_twoLines_isWellFormedAndEscaped() throws Exception {
        Chart chart = new Chart("a < b & \"c\"", "x", "y")
                .add(Chart.Series.steps("one").add(0, 0).add(1, 0.5).add(2, 1))
                .add(Chart.Series.line("two").add(0, 1).add(2, 0.25));
        Document document = parsed(chart);
        assertThat(document.getElementsByTagName("path").getLength()).isEqualTo(2);
        assertThat(document.getDocumentElement().getAttribute("aria-label")).isEqualTo("a < b & \"c\"");
        assertThat(SvgChart.draw(List.of(chart)))
                .contains("d=\"M72.0 380.0H404.0V228.0H736.0V76.0\"")
                .contains("prefers-color-scheme: dark");
    }

    @Test
    void draw_strokesAndDots_areNotConnected() {
        Chart strokes = new Chart("s", "x", "y")
                .add(Chart.Series.strokes("s").add(0, 0).add(1, 1).add(1, 0).add(0, 1));
        Chart dots =
                new Chart("d", "x", "y").add(Chart.Series.dots("d").add(0, 0).add(1, 1));
        assertThat(SvgChart.draw(List.of(strokes, dots)))
                .contains("class=\"strokes c0\" d=\"M72.0 380.0L736.0 76.0M736.0 380.0L72.0 76.0\"")
                .contains("class=\"dots c0\" d=\"M72.0 380.0h0M736.0 76.0h0\"")
                .contains("translate(0 440)")
                .contains("height=\"880\"");
    }

    @Test
    void write_twoCharts_areTwoTablesWithABlankLineBetween() {
        Chart one = new Chart("1", "x", "y").add(Chart.Series.line("a").add(0, 0.5));
        Chart two = new Chart("2", "s", "t").add(Chart.Series.dots("b").add(1, 2));
        assertThat(CsvChart.write(List.of(one, two)))
                .isEqualTo("line,\"x\",\"y\"\n\"a\",0.00000,0.500000\n\nline,\"s\",\"t\"\n\"b\",1.00000,2.00000\n");
    }

    @Test
    void draw_nothingOrVeryMuch_staysSmall() throws Exception {
        assertThat(parsed(new Chart("t", "x", "y").add(Chart.Series.line("none")))
                        .getElementsByTagName("path")
                        .getLength())
                .isZero();
        Chart.Series many = Chart.Series.line("many");
        for (int i = 0; i <= 100_000; i++) {
            many.add(i, i);
        }
        String svg = SvgChart.draw(List.of(new Chart("t", "x", "y").add(many)));
        assertThat(svg).hasSizeLessThan(40_000).contains("L736.0 76.0\"");
    }

    @ParameterizedTest
    @CsvSource({"1, 0.2, 1", "0.93, 0.2, 1", "6, 1, 6", "61, 20, 80", "0, 0.2, 1", "1234, 500, 1500", "0.05, 0.01, 0.05"
    })
    void axis_anyValue_endsAtARoundNumberThatIsNotLess(double value, double step, double most) {
        Axis axis = Axis.upTo(value);
        assertThat(axis.step()).isCloseTo(step, offset(1e-12));
        assertThat(axis.most()).isCloseTo(most, offset(1e-9));
        assertThat(axis.marks()).hasSizeBetween(2, 7);
    }

    @Test
    void axis_text_hasAsManyDecimalsAsTheStep() {
        assertThat(Axis.upTo(1).text(0.4)).isEqualTo("0.4");
        assertThat(Axis.upTo(300).text(100)).isEqualTo("100");
        assertThat(Axis.upTo(0.05).text(0.03)).isEqualTo("0.03");
    }
}
