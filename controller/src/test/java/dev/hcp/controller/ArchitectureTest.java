package dev.hcp.controller;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
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
import dev.hcp.controller.exposure.HostNameResolver;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ErrorStatusUpdateControl;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import java.net.Socket;
import java.time.Clock;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Random;
import java.util.UUID;

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
  static final ArchRule onlyOnePackageKnowsHowToAskEtcd =
      noClasses()
          .that()
          .resideOutsideOfPackage("..controller.etcd..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.etcd..", "io.grpc..", "io.netty..", "io.vertx..", "com.google.protobuf..");

  @ArchTest
  static final ArchRule planningDoesNothing =
      noClasses()
          .that()
          .resideInAPackage("..controller.plan..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("..controller.kube..", "..controller.runtime..", "java.net..");

  /** What a pass wants follows from what it saw, and from nothing else. */
  @ArchTest
  static final ArchRule componentsArePlannedFromWhatIsObserved =
      noClasses()
          .that(
              resideInAnyPackage(
                      "..controller.plan..",
                      "..controller.pki..",
                      "..controller.encryption..",
                      "..controller.exposure..",
                      "..controller.networkpolicy..",
                      "..controller.controllermanager..",
                      "..controller.scheduler..",
                      "..controller.kubeconfig..")
                  .or(simpleName("ApiServer"))
                  .or(simpleName("Etcd"))
                  .or(simpleName("Auditing"))
                  .or(simpleName("Backup"))
                  .or(simpleName("Drill"))
                  .or(simpleName("DrillPods"))
                  .or(simpleName("MemberChoice"))
                  .or(simpleName("Retention"))
                  .or(simpleName("StoreSecret"))
                  .or(simpleName("Mounts"))
                  .or(simpleName("Authentication"))
                  .or(simpleName("Workload"))
                  .or(simpleName("Plan"))
                  .or(simpleName("Report"))
                  .or(simpleName("Teardown"))
                  .and(not(simpleName("ServiceAccountKeys")))
                  .and(not(simpleName("EncryptionKeys")))
                  .and(not(simpleName("AuthorityMaker")))
                  .and(not(simpleName("ParsedCertificate")))
                  .and(not(belongToAnyOf(HostNameResolver.class)))
                  .as("plan or report"))
          .should()
          .dependOnClassesThat(
              resideInAnyPackage(
                      "..controller.kube..",
                      "java.io..",
                      "java.net.http..",
                      "java.nio.file..",
                      "java.security..",
                      "java.util.concurrent..",
                      "java.util.random..",
                      "org.slf4j..")
                  .or(assignableTo(Random.class))
                  .or(assignableTo(Clock.class))
                  .or(assignableTo(InstantSource.class))
                  .or(assignableTo(Thread.class))
                  .or(assignableTo(Socket.class))
                  .as("do I/O, or know the time or chance"))
          .orShould()
          .callMethod(Instant.class, "now")
          .orShould()
          .callMethod(Math.class, "random")
          .orShould()
          .callMethod(UUID.class, "randomUUID")
          .orShould()
          .callMethod(System.class, "currentTimeMillis")
          .orShould()
          .callMethod(System.class, "nanoTime");

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
