package io.p2pvpn.simulator.plot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Offset.offset;

import java.io.StringReader;
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
                .parse(new InputSource(new StringReader(SvgChart.draw(chart))));
    }

    @Test
    void draw_twoLines_isWellFormedAndEscaped() throws Exception {
        Chart chart = new Chart("a < b & \"c\"", "x", "y")
                .add(Chart.Series.steps("one").add(0, 0).add(1, 0.5).add(2, 1))
                .add(Chart.Series.line("two").add(0, 1).add(2, 0.25));
        Document document = parsed(chart);
        assertThat(document.getElementsByTagName("path").getLength()).isEqualTo(2);
        assertThat(document.getDocumentElement().getAttribute("aria-label")).isEqualTo("a < b & \"c\"");
        assertThat(SvgChart.draw(chart))
                .contains("d=\"M72.0 380.0H404.0V228.0H736.0V76.0\"")
                .contains("prefers-color-scheme: dark");
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
        String svg = SvgChart.draw(new Chart("t", "x", "y").add(many));
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
