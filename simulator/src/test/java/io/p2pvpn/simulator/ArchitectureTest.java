package io.p2pvpn.simulator;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget.CodeUnitAccessTarget;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import io.p2pvpn.overlay.noise.FrameCipher;
import io.p2pvpn.overlay.noise.SessionCrypto;
import io.p2pvpn.overlay.session.SessionConfig;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Hashtable;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.Timer;
import java.util.UUID;
import java.util.WeakHashMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.BaseStream;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Holds the direction of the modules and keeps everything that would make two runs of one seed differ out of the
 * protocol code. This module sees all others but the command line, which nothing can import because it stands on top.
 */
final class ArchitectureTest {
    private static final String OVERLAY = "io.p2pvpn.overlay..";
    private static final String DHT = "io.p2pvpn.dht..";
    private static final String NAT = "io.p2pvpn.nat..";
    private static final String SHORTCUTS = "io.p2pvpn.shortcuts..";
    private static final String CRAWLER = "io.p2pvpn.crawler..";
    private static final String VPN = "io.p2pvpn.vpn..";
    private static final String SIMULATOR = "io.p2pvpn.simulator..";
    private static final String CLI = "io.p2pvpn.cli..";

    /** Everything in the six lower modules that does not itself face the host. */
    private static final DescribedPredicate<JavaClass> PROTOCOL_CODE = resideInAnyPackage(
                    OVERLAY, DHT, NAT, SHORTCUTS, CRAWLER, VPN)
            .and(DescribedPredicate.not(resideInAnyPackage(
                    "io.p2pvpn.overlay.wire.proto..",
                    "io.p2pvpn.overlay..host..",
                    "io.p2pvpn.overlay..posix..",
                    "io.p2pvpn.nat..io..",
                    "io.p2pvpn.vpn..tun..",
                    "io.p2pvpn.vpn..control..",
                    "io.p2pvpn.vpn..dashboard..",
                    "io.p2pvpn.vpn..node..")))
            .as("are protocol code");

    @TestFactory
    List<DynamicTest> allModules_everyRule_holds() {
        JavaClasses classes = new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages("io.p2pvpn");
        return rules().entrySet().stream()
                .map(rule -> DynamicTest.dynamicTest(
                        rule.getKey(), () -> rule.getValue().check(classes)))
                .toList();
    }

    @TestFactory
    List<DynamicTest> plantedOffenders_everyRule_isBroken() {
        JavaClasses planted = plantedOffenders();
        return rules().entrySet().stream()
                .map(rule -> DynamicTest.dynamicTest(
                        rule.getKey(),
                        () -> assertThat(rule.getValue().evaluate(planted).hasViolation())
                                .as("notices the planted offenders")
                                .isTrue()))
                .toList();
    }

    @Test
    void plantedOffender_everyMethod_isReported() {
        JavaClasses planted = plantedOffenders();
        List<String> reported = rules().values().stream()
                .flatMap(rule -> rule.evaluate(planted).getFailureReport().getDetails().stream())
                .toList();
        assertThat(planted.get("io.p2pvpn.dht.planted.Offender").getMethods())
                .filteredOn(method -> !method.getName().startsWith("lambda$"))
                .hasSizeGreaterThan(20)
                .allSatisfy(
                        method -> assertThat(reported).anyMatch(line -> line.contains("." + method.getName() + "(")));
    }

    private static JavaClasses plantedOffenders() {
        return new ClassFileImporter()
                .importPackages("io.p2pvpn.planted", "io.p2pvpn.dht.planted", "io.p2pvpn.nat.planted");
    }

    private static Map<String, ArchRule> rules() {
        Map<String, ArchRule> rules = new LinkedHashMap<>();
        rules.put("modules import downwards only", modulesImportDownwards());
        rules.put("every class belongs to a module", everyClassBelongsToAModule());
        rules.put("time comes from the runtime", timeComesFromTheRuntime());
        rules.put("randomness comes from the runtime", randomnessComesFromTheRuntime());
        rules.put("random calls are nowhere", noRandomCalls());
        rules.put("no threads", noThreads());
        rules.put("no common pool", noCommonPool());
        rules.put("no sockets", noSockets());
        rules.put("no collections of salted order", noSaltedCollections());
        rules.put("no identity hashes, no parallel streams", noIdentityHashes());
        rules.put("crypto is the platform's", cryptoIsThePlatforms());
        return rules;
    }

    private static ArchRule modulesImportDownwards() {
        return layeredArchitecture()
                .consideringOnlyDependenciesInLayers()
                .withOptionalLayers(true)
                .layer("overlay-core")
                .definedBy(OVERLAY)
                .layer("dht")
                .definedBy(DHT)
                .layer("nat-traversal")
                .definedBy(NAT)
                .layer("shortcuts")
                .definedBy(SHORTCUTS)
                .layer("crawler")
                .definedBy(CRAWLER)
                .layer("vpn-tap")
                .definedBy(VPN)
                .layer("simulator")
                .definedBy(SIMULATOR)
                .whereLayer("overlay-core")
                .mayNotAccessAnyLayer()
                .whereLayer("dht")
                .mayOnlyAccessLayers("overlay-core")
                .whereLayer("nat-traversal")
                .mayOnlyAccessLayers("overlay-core")
                .whereLayer("shortcuts")
                .mayOnlyAccessLayers("overlay-core", "dht", "nat-traversal")
                .whereLayer("crawler")
                .mayOnlyAccessLayers("overlay-core", "dht", "nat-traversal", "shortcuts")
                .whereLayer("vpn-tap")
                .mayOnlyAccessLayers("overlay-core", "dht", "nat-traversal", "shortcuts", "crawler")
                .whereLayer("simulator")
                .mayNotBeAccessedByAnyLayer()
                .because("a module imports only what stands below it");
    }

    private static ArchRule everyClassBelongsToAModule() {
        return classes()
                .should()
                .resideInAnyPackage(OVERLAY, DHT, NAT, SHORTCUTS, CRAWLER, VPN, SIMULATOR, CLI)
                .allowEmptyShould(true)
                .because("a class outside of the modules' packages would escape the other rules");
    }

    private static ArchRule timeComesFromTheRuntime() {
        return noProtocolCodeAccesses(
                member(System.class, "nanoTime", "currentTimeMillis")
                        .or(member(Clock.class, "system", "systemUTC", "systemDefaultZone"))
                        .or(member(Clock.class, "tickMillis", "tickSeconds", "tickMinutes"))
                        .or(describe(
                                "now() of java.time",
                                access ->
                                        access.getTargetOwner().getPackageName().equals("java.time")
                                                && access.getTarget().getName().equals("now")
                                                && parameterCount(access) == 0)),
                "a simulated node lives in virtual time: ask NodeRuntime once per event and pass nowNanos down");
    }

    private static ArchRule randomnessComesFromTheRuntime() {
        return noProtocolCodeDependsOn(
                oneOf(Random.class, ThreadLocalRandom.class, SecureRandom.class),
                "a run is replayed from its seed: draw from NodeRuntime's generator or its key source");
    }

    private static ArchRule noRandomCalls() {
        return noProtocolCodeAccesses(
                member(Math.class, "random")
                        .or(member(StrictMath.class, "random"))
                        .or(member(UUID.class, "randomUUID"))
                        .or(member(Collections.class, "shuffle").and(parametersBelow(2))),
                "a run is replayed from its seed: draw from NodeRuntime's generator");
    }

    private static ArchRule noThreads() {
        return noProtocolCodeDependsOn(
                oneOf(Thread.class, ThreadLocal.class, Timer.class, Executors.class, ExecutorService.class),
                "protocol state is confined to the node's event loop: use NodeRuntime's scheduler");
    }

    private static ArchRule noCommonPool() {
        return noProtocolCodeAccesses(
                describe(
                        "an Async method without an executor",
                        access -> access.getTargetOwner().isEquivalentTo(CompletableFuture.class)
                                && access.getTarget().getName().endsWith("Async")
                                && access.getTarget() instanceof CodeUnitAccessTarget target
                                && target.getRawParameterTypes().stream()
                                        .noneMatch(type -> type.getSimpleName().equals("Executor"))),
                "the common pool's threads run in no fixed order");
    }

    private static ArchRule noSockets() {
        return noProtocolCodeDependsOn(
                resideInAnyPackage("io.netty.channel..", "java.nio.channels..")
                        .or(describe(
                                "a socket of java.net",
                                type -> type.getPackageName().equals("java.net")
                                        && type.getSimpleName().endsWith("Socket"))),
                "the simulator carries the same datagrams: use NodeRuntime's transport");
    }

    private static ArchRule noSaltedCollections() {
        return noProtocolCodeAccesses(
                anyMemberOf(HashMap.class, HashSet.class, Hashtable.class, WeakHashMap.class)
                        .or(anyMemberOf(IdentityHashMap.class, ConcurrentHashMap.class))
                        .or(member(Set.class, "of", "copyOf"))
                        .or(member(Map.class, "of", "ofEntries", "copyOf"))
                        .or(member(Collectors.class, "toSet", "toUnmodifiableSet", "toUnmodifiableMap"))
                        .or(member(Collectors.class, "toConcurrentMap", "groupingByConcurrent"))
                        .or(member(Collectors.class, "toMap").and(parametersBelow(4)))
                        .or(member(Collectors.class, "groupingBy").and(parametersBelow(3))),
                "their order differs between runs: use LinkedHashMap, LinkedHashSet, TreeMap, EnumMap or a list");
    }

    private static ArchRule noIdentityHashes() {
        return noProtocolCodeAccesses(
                member(System.class, "identityHashCode")
                        .or(member(Collection.class, "parallelStream"))
                        .or(member(BaseStream.class, "parallel")),
                "their results differ between runs");
    }

    private static ArchRule cryptoIsThePlatforms() {
        return noClasses()
                .that()
                .resideOutsideOfPackages(SIMULATOR, "io.p2pvpn.overlay.noise..")
                .should()
                .accessTargetWhere(member(SessionConfig.class, "withCrypto"))
                .orShould()
                .beAssignableTo(SessionCrypto.class)
                .orShould()
                .beAssignableTo(FrameCipher.class)
                .allowEmptyShould(true)
                .because("nothing but a simulated node may have less than the true ciphers");
    }

    private static ArchRule noProtocolCodeAccesses(DescribedPredicate<JavaAccess<?>> banned, String reason) {
        return noClasses()
                .that(PROTOCOL_CODE)
                .should()
                .accessTargetWhere(banned)
                .allowEmptyShould(true)
                .because(reason);
    }

    private static ArchRule noProtocolCodeDependsOn(DescribedPredicate<JavaClass> banned, String reason) {
        return noClasses()
                .that(PROTOCOL_CODE)
                .should()
                .dependOnClassesThat(banned)
                .allowEmptyShould(true)
                .because(reason);
    }

    /** Any use, call or method reference, of the named members of a type or of its subtypes. */
    private static DescribedPredicate<JavaAccess<?>> member(Class<?> owner, String... names) {
        List<String> banned = Arrays.asList(names);
        return describe(
                owner.getSimpleName() + "." + String.join("|", names),
                access -> banned.contains(access.getTarget().getName())
                        && access.getTargetOwner().isAssignableTo(owner));
    }

    /** Any use of exactly these types: their subtypes keep an order. */
    private static DescribedPredicate<JavaAccess<?>> anyMemberOf(Class<?>... owners) {
        DescribedPredicate<JavaClass> banned = oneOf(owners);
        return describe(banned.getDescription(), access -> banned.test(access.getTargetOwner()));
    }

    private static DescribedPredicate<JavaAccess<?>> parametersBelow(int count) {
        return describe("fewer than " + count + " parameters", access -> parameterCount(access) < count);
    }

    private static int parameterCount(JavaAccess<?> access) {
        return access.getTarget() instanceof CodeUnitAccessTarget target
                ? target.getRawParameterTypes().size()
                : 0;
    }

    private static DescribedPredicate<JavaClass> oneOf(Class<?>... types) {
        return describe(
                "any of " + Arrays.stream(types).map(Class::getSimpleName).toList(),
                candidate -> Arrays.stream(types).anyMatch(candidate::isEquivalentTo));
    }
}
