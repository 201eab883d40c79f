package dev.hcp.webhook;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "dev.hcp.webhook", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
  @ArchTest
  static final ArchRule noCyclesBetweenPackages =
      slices().matching("dev.hcp.webhook.(*)..").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule admissionKnowsNoHttp =
      noClasses()
          .that()
          .resideInAPackage("..webhook.admission..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "..webhook.http..",
              "io.javalin..",
              "org.eclipse.jetty..",
              "jakarta..",
              "java.net..",
              "java.nio.file..",
              "java.util.concurrent..");

  @ArchTest
  static final ArchRule onlyLookupTalksToACluster =
      noClasses()
          .that()
          .resideOutsideOfPackage("..webhook.lookup..")
          .should()
          .dependOnClassesThat()
          .haveFullyQualifiedName("io.fabric8.kubernetes.client.KubernetesClient");

  @ArchTest
  static final ArchRule noDatabindAndNoRendering =
      noClasses()
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("com.fasterxml.jackson.databind..", "dev.hcp.render..");

  @ArchTest
  static final ArchRule onlyMainReadsTheEnvironment =
      noClasses()
          .that()
          .doNotHaveSimpleName("Main")
          .should()
          .callMethod(System.class, "getenv")
          .orShould()
          .callMethod(System.class, "getenv", String.class)
          .orShould()
          .callMethod(System.class, "exit", int.class);
}
