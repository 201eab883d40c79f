package dev.hcp.controller;

import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.simpleName;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameStartingWith;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ErrorStatusUpdateControl;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;

@AnalyzeClasses(
    packages = "dev.hcp.controller",
    importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
  @ArchTest
  static final ArchRule noCyclesBetweenPackages =
      slices().matching("dev.hcp.controller.(*)..").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule onlyOnePackageKnowsTheFramework =
      noClasses()
          .that()
          .resideOutsideOfPackage("..controller.runtime..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.javaoperatorsdk..");

  /**
   * The framework's own writes filter events, and in the version in use they may lose one of
   * somebody else with it.
   */
  @ArchTest
  static final ArchRule theFrameworkWritesNothing =
      noClasses()
          .should()
          .callMethodWhere(
              target(With.owner(assignableTo(UpdateControl.class)))
                  .and(target(nameStartingWith("patch"))))
          .orShould()
          .dependOnClassesThat()
          .areAssignableTo(ErrorStatusUpdateControl.class)
          .orShould()
          .callMethod(Context.class, "resourceOperations");

  @ArchTest
  static final ArchRule fewUseTheClient =
      noClasses()
          .that(
              resideInAnyPackage("..controller.kube..", "..controller.runtime..")
                  .or(simpleName("Main"))
                  .negate()
                  .as("are neither ports nor wiring"))
          .should()
          .dependOnClassesThat()
          .areAssignableTo(KubernetesClient.class);

  @ArchTest
  static final ArchRule planningDoesNothing =
      noClasses()
          .that()
          .resideInAPackage("..controller.plan..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("..controller.kube..", "..controller.runtime..", "java.net..");

  @ArchTest
  static final ArchRule noDatabind =
      noClasses()
          .should()
          .dependOnClassesThat()
          .resideInAPackage("com.fasterxml.jackson.databind..");

  @ArchTest
  static final ArchRule onlyMainKnowsTheEnvironmentAndEndsTheProcess =
      noClasses()
          .that()
          .doNotHaveSimpleName("Main")
          .should()
          .callMethod(System.class, "getenv")
          .orShould()
          .callMethod(System.class, "getenv", String.class)
          .orShould()
          .callMethod(System.class, "exit", int.class)
          .orShould()
          .callMethod(Runtime.class, "halt", int.class);
}
