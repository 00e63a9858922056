package io.p2pvpn.vpn.names;

import static org.assertj.core.api.Assertions.assertThat;

import io.p2pvpn.vpn.names.Reply.Code;
import io.p2pvpn.vpn.tun.Cidr;
import java.util.List;
import org.junit.jupiter.api.Test;

class NameAnswersTest {
    private static final long ULA = 0xfd12_3456_789a_bcdeL;
    private static final int WEB = 0x0a07_0102;
    private static final NameZone ZONE = new NameZone("lab", Cidr.of4(0x0a07_0000, 16), ULA);
    private static final String DOMAIN = "lab.p2pvpn.internal";

    private final FakeNames names =
            new FakeNames().with("web", WEB).withService("http", "web", 8080).withService("http", "other", 80);
    private final NameAnswers answers = new NameAnswers(ZONE, names);

    private Reply ask(String name, int type) {
        return answers.answer(name, type).join();
    }

    @Test
    void address_ofAMember_isGivenUnderTheNameAsItWasAsked() {
        String asked = "WEB." + DOMAIN;
        assertThat(ask(asked + ".", ResourceRecord.A))
                .isEqualTo(new Reply(Code.OK, List.of(ResourceRecord.a(asked, 30, WEB)), List.of()));
        assertThat(ask(asked, ResourceRecord.AAAA).answers()).containsExactly(ResourceRecord.aaaa(asked, 30, ULA, WEB));
        assertThat(ask(asked, ResourceRecord.ANY).answers()).hasSize(2);
    }

    @Test
    void nothing_isTheZonesOwnWord_soThatItIsForgottenSoon() {
        Reply noName = ask("nobody." + DOMAIN, ResourceRecord.A);
        assertThat(noName.code()).isEqualTo(Code.NO_SUCH_NAME);
        assertThat(noName.authority()).containsExactly(ResourceRecord.soa(DOMAIN, 3));
        Reply noMail = ask("web." + DOMAIN, 15);
        assertThat(noMail.code()).isEqualTo(Code.OK);
        assertThat(noMail.answers()).isEmpty();
        assertThat(noMail.authority()).hasSize(1);
        Reply noPointer = ask("9.9.7.10.in-addr.arpa", ResourceRecord.PTR);
        assertThat(noPointer.code()).isEqualTo(Code.NO_SUCH_NAME);
        assertThat(noPointer.authority()).containsExactly(ResourceRecord.soa("7.10.in-addr.arpa", 3));
    }

    @Test
    void pointer_ofAnAddress_isItsMember() {
        String name = NameZone.reverseName(WEB);
        assertThat(ask(name, ResourceRecord.PTR).answers())
                .containsExactly(ResourceRecord.ptr(name, 30, "web." + DOMAIN));
    }

    @Test
    void service_isListed_andEachInstanceHasAPlace() {
        assertThat(ask("_http._tcp." + DOMAIN, ResourceRecord.PTR).answers())
                .containsExactly(
                        ResourceRecord.ptr("_http._tcp." + DOMAIN, 30, "web._http._tcp." + DOMAIN),
                        ResourceRecord.ptr("_http._tcp." + DOMAIN, 30, "other._http._tcp." + DOMAIN));
        String instance = "web._http._tcp." + DOMAIN;
        assertThat(ask(instance, ResourceRecord.SRV).answers())
                .containsExactly(ResourceRecord.srv(instance, 30, 8080, "web." + DOMAIN));
        assertThat(ask(instance, ResourceRecord.TXT).answers()).hasSize(1);
        assertThat(ask("no." + instance, ResourceRecord.SRV).code()).isEqualTo(Code.NO_SUCH_NAME);
    }

    @Test
    void zone_hasAStart_andBranchesHaveNothing() {
        assertThat(ask(DOMAIN, ResourceRecord.SOA).answers()).hasSize(1);
        assertThat(ask("7.10.in-addr.arpa", ResourceRecord.SOA).answers()).hasSize(1);
        Reply branch = ask("_tcp." + DOMAIN, ResourceRecord.SOA);
        assertThat(branch.code()).isEqualTo(Code.OK);
        assertThat(branch.answers()).isEmpty();
    }

    @Test
    void otherNames_areRefused_andSilenceIsAFailure() {
        assertThat(ask("example.org", ResourceRecord.A).code()).isEqualTo(Code.REFUSED);
        names.fallSilent();
        assertThat(ask("web." + DOMAIN, ResourceRecord.A).code()).isEqualTo(Code.SERVER_FAILURE);
        assertThat(ask("1.0.7.10.in-addr.arpa", ResourceRecord.PTR).code()).isEqualTo(Code.SERVER_FAILURE);
    }
}
