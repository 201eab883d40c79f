package dev.hcp;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaModifier.FINAL;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import dev.hcp.render.encryption.Cipher;
import java.util.Set;

/** What a package may know and do. */
@AnalyzeClasses(packages = "dev.hcp", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
  /** Packages in which the same input always gives the same output. */
  private static final String[] PURE = {
    "dev.hcp.api..",
    "dev.hcp.conditions..",
    "dev.hcp.defaulting..",
    "dev.hcp.flags..",
    "dev.hcp.gateway..",
    "dev.hcp.model..",
    "dev.hcp.naming..",
    "dev.hcp.render..",
    "dev.hcp.schedule..",
    "dev.hcp.validation..",
    "dev.hcp.version.."
  };

  /** Parts of otherwise forbidden packages that are data. */
  private static final Set<String> DATA =
      Set.of(
          "io.fabric8.kubernetes.client.CustomResource",
          "java.net.InetAddress",
          "java.net.URI",
          "java.net.URISyntaxException",
          "java.net.UnknownHostException");

  private static final Set<String> IMPURE_CLASSES =
      Set.of(
          "java.io.File",
          "java.io.FileInputStream",
          "java.io.FileOutputStream",
          "java.lang.Process",
          "java.lang.ProcessBuilder",
          "java.lang.Thread",
          "java.security.SecureRandom",
          "java.time.Clock",
          "java.util.Random",
          "java.util.random.RandomGenerator");

  private static final Set<String> IMPURE_METHODS =
      Set.of("now", "random", "randomUUID", "getByName", "getAllByName", "getLocalHost");

  private static final DescribedPredicate<JavaClass> IMPURE_CLASS =
      describe(
          "are a clock, randomness or the environment",
          type -> IMPURE_CLASSES.contains(type.getName()));

  private static final DescribedPredicate<JavaAccess<?>> IMPURE_CALL =
      describe(
          "reads a clock, randomness or the network",
          access ->
              access.getTargetOwner().getName().equals("java.lang.System")
                  ? !access.getName().equals("arraycopy")
                  : access.getTargetOwner().getPackageName().startsWith("java.")
                      && IMPURE_METHODS.contains(access.getName()));

  @ArchTest
  static final ArchRule pureCodeKnowsDataOnly =
      noClasses()
          .that()
          .resideInAnyPackage(PURE)
          .should()
          .dependOnClassesThat(
              resideInAnyPackage(
                      "io.fabric8.kubernetes.client..",
                      "io.fabric8.crdv2..",
                      "org.slf4j..",
                      "ch.qos.logback..",
                      "io.micrometer..",
                      "java.nio.file..",
                      "java.nio.channels..",
                      "java.net..",
                      "java.util.concurrent..",
                      "java.lang.reflect..",
                      "dev.hcp.process..",
                      "dev.hcp.schema..")
                  .and(describe("are more than data", type -> !DATA.contains(type.getName()))))
          .because("it is tested by its output alone");

  @ArchTest
  static final ArchRule pureCodeReadsNoClockAndNoEnvironment =
      noClasses()
          .that()
          .resideInAnyPackage(PURE)
          .should()
          .dependOnClassesThat(IMPURE_CLASS)
          .orShould()
          .accessTargetWhere(IMPURE_CALL)
          .because("the same input must give the same output; pass what is needed as an argument");

  @ArchTest
  static final ArchRule onlyProcessAndSchemaReachTheSurroundings =
      noClasses()
          .that()
          .resideOutsideOfPackages("dev.hcp.process..", "dev.hcp.schema..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("java.nio.file..", "java.nio.channels..");

  @ArchTest
  static final ArchRule serversAndClientsLiveInTheProcesses =
      noClasses()
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.javalin..",
              "io.javaoperatorsdk..",
              "io.etcd..",
              "io.grpc..",
              "io.netty..",
              "io.vertx..",
              "software.amazon.awssdk..")
          .because("both processes link this module");

  @ArchTest
  static final ArchRule onlyAccessTalksToACluster =
      noClasses()
          .that()
          .resideOutsideOfPackage("dev.hcp.access..")
          .should()
          .dependOnClassesThat()
          .haveFullyQualifiedName("io.fabric8.kubernetes.client.KubernetesClient");

  @ArchTest
  static final ArchRule theSchemaIsMadeAtBuildTime =
      noClasses()
          .that()
          .resideOutsideOfPackage("dev.hcp.schema..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("dev.hcp.schema..", "io.fabric8.crdv2..", "com.sun.source..")
          .because("what it needs is not on the class path of a process");

  @ArchTest
  static final ArchRule theJsonLibraryCanBeChanged =
      noClasses()
          .that()
          .resideOutsideOfPackage("dev.hcp.schema..")
          // Keeps a part of a spec as text.
          .and()
          .areNotAssignableTo(Cipher.Kms.class)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("com.fasterxml.jackson.databind..", "com.fasterxml.jackson.core..")
          .because("only the annotations are the same in Jackson 2 and 3");

  @ArchTest
  static final ArchRule packagesHaveNoCycles =
      slices().matching("dev.hcp.(**)").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule packagesAreNamedAfterWhatTheyHold =
      noClasses()
          .should()
          .resideInAnyPackage("..util..", "..utils..", "..helper..", "..helpers..", "..common..");

  @ArchTest
  static final ArchRule thereIsNoStaticState =
      fields().that().areStatic().should().haveModifier(FINAL);

  /** A newer CRD must not break an older controller, and null is what the user did not set. */
  @ArchTest
  static final ArchRule apiRecordsIgnoreWhatTheyDoNotKnow =
      classes()
          .that()
          .resideInAPackage("dev.hcp.api..")
          .and()
          .areRecords()
          .should()
          .beAnnotatedWith(
              describe(
                  "JsonIgnoreProperties(ignoreUnknown = true)",
                  annotation ->
                      annotation.getRawType().isEquivalentTo(JsonIgnoreProperties.class)
                          && annotation.as(JsonIgnoreProperties.class).ignoreUnknown()))
          .andShould()
          .beAnnotatedWith(
              describe(
                  "JsonInclude(NON_NULL)",
                  annotation ->
                      annotation.getRawType().isEquivalentTo(JsonInclude.class)
                          && annotation.as(JsonInclude.class).value() == Include.NON_NULL));
}
