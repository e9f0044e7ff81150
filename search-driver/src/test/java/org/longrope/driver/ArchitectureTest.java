package org.longrope.driver;

import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDManager;
import ai.djl.util.cuda.CudaUtils;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.io.ObjectInputStream;
import java.util.List;
import org.longrope.eval.decoder.Libtorch;
import org.longrope.eval.libtorch.LibtorchLoader;

/** The lines between modules and packages. */
@AnalyzeClasses(packages = "org.longrope", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
  /** Elementary functions of which Math need not give the same last bit everywhere. */
  private static final String INEXACT =
      "a?(sin|cos|tan)h?|atan2|exp|expm1|log|log10|log1p|pow|cbrt|hypot";

  @ArchTest
  static final ArchRule evaluatorRunsWithoutClusterAndDriver =
      noClasses()
          .that()
          .resideInAPackage("org.longrope.eval..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "org.apache.spark..",
              "org.apache.hadoop..",
              "scala..",
              "org.longrope.datasets..",
              "org.longrope.search..",
              "org.longrope.driver..")
          .because("a GPU host with a JRE and libtorch is enough to evaluate");

  @ArchTest
  static final ArchRule datasetsKnowNoSearch =
      noClasses()
          .that()
          .resideInAPackage("org.longrope.datasets..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.longrope.search..", "org.longrope.driver..")
          .because("modules depend in one direction");

  @ArchTest
  static final ArchRule searchKnowsNoClusterAndNoEngine =
      noClasses()
          .that()
          .resideInAPackage("org.longrope.search..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "org.apache..",
              "scala..",
              "ai.djl..",
              "org.longrope.driver..",
              "org.longrope.datasets..",
              "org.longrope.eval.decoder..")
          .because(
              "the search only asks and is told; how scores are computed is another package's");

  @ArchTest
  static final ArchRule libtorchIsLoadedThroughOneDoor =
      noClasses()
          .that()
          .areNotAssignableTo(Libtorch.class)
          .and()
          .areNotAssignableTo(LibtorchLoader.class)
          .should()
          .callMethodWhere(
              target(owner(type(Engine.class)))
                  .and(target(nameMatching("getEngine|getInstance|getAllEngines")))
                  .or(target(owner(type(NDManager.class))).and(target(name("newBaseManager"))))
                  .or(target(owner(type(CudaUtils.class)))))
          .because("what must be set before libtorch is loaded is set there");

  @ArchTest
  static final ArchRule librariesDoNotPrint =
      noClasses()
          .that()
          .resideInAnyPackage(
              "org.longrope.eval..", "org.longrope.datasets..", "org.longrope.search..")
          .should()
          .accessField(System.class, "out")
          .orShould()
          .accessField(System.class, "err")
          .because("what a person reads is the command line's to say");

  @ArchTest
  static final ArchRule filesAreNeverDeserialisedByJava =
      noClasses()
          .should()
          .dependOnClassesThat()
          .areAssignableTo(ObjectInputStream.class)
          .because(
              "a serialised Java object can run any code; files are JSON, safetensors, Parquet");

  @ArchTest
  static final ArchRule numbersOfASearchAreThoseOfEveryJava =
      noClasses()
          .that()
          .resideInAnyPackage(
              "org.longrope.search..",
              "org.longrope.eval.rope..",
              "org.longrope.eval.perplexity..",
              "org.longrope.driver.run..",
              "org.longrope.driver.execution.spark..")
          .should()
          .callMethodWhere(
              target(owner(type(Math.class)))
                  .and(target(nameMatching(INEXACT)))
                  .as("call an elementary function of Math"))
          .because(
              "Math may differ in the last bit between Java machines, and the course of a search"
                  + " with it: StrictMath does not");

  @ArchTest
  static final ArchRule evaluatorPackagesHaveNoCycles =
      slices().matching("org.longrope.eval.(*)..").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule layersOfTheDriverDependDownwards =
      layeredArchitecture()
          .consideringOnlyDependenciesInAnyPackage("org.longrope.driver..", "org.longrope.search..")
          .layer("commands")
          .definedBy("org.longrope.driver.cli..")
          .layer("laboratory")
          .definedBy("org.longrope.driver.lab..")
          .layer("recipes")
          .definedBy("org.longrope.driver.recipe..")
          .layer("pages")
          .definedBy("org.longrope.driver.report.html..")
          .layer("doctor")
          .definedBy("org.longrope.driver.doctor..", "org.longrope.driver.inspect..")
          .layer("runs")
          .definedBy("org.longrope.driver.run..")
          .layer("measurements")
          .definedBy("org.longrope.driver.measure..")
          .layer("training")
          .definedBy("org.longrope.driver.training..")
          .layer("store")
          .definedBy("org.longrope.driver.store", "org.longrope.driver.store.cache")
          .layer("execution")
          .definedBy("org.longrope.driver.execution..")
          .layer("factors")
          .definedBy("org.longrope.driver.factors..")
          .layer("output")
          .definedBy("org.longrope.driver.report.table", "org.longrope.driver.report.plot")
          .layer("files")
          .definedBy("org.longrope.driver.store.files")
          .layer("search")
          .definedBy("org.longrope.search..")
          .whereLayer("commands")
          .mayNotBeAccessedByAnyLayer()
          .whereLayer("laboratory")
          .mayOnlyBeAccessedByLayers("commands")
          .whereLayer("recipes")
          .mayOnlyBeAccessedByLayers("commands")
          .whereLayer("pages")
          .mayOnlyBeAccessedByLayers("commands")
          .whereLayer("doctor")
          .mayOnlyBeAccessedByLayers("commands")
          .whereLayer("runs")
          .mayOnlyBeAccessedByLayers("commands", "laboratory", "recipes", "pages")
          .whereLayer("measurements")
          .mayOnlyBeAccessedByLayers("commands", "laboratory", "recipes", "pages")
          .whereLayer("training")
          .mayOnlyBeAccessedByLayers("commands", "laboratory", "recipes", "pages")
          .whereLayer("store")
          .mayOnlyBeAccessedByLayers(
              "commands",
              "laboratory",
              "recipes",
              "pages",
              "doctor",
              "runs",
              "measurements",
              "training")
          .whereLayer("execution")
          .mayOnlyBeAccessedByLayers(
              "commands",
              "laboratory",
              "recipes",
              "pages",
              "doctor",
              "runs",
              "measurements",
              "training",
              "store")
          .whereLayer("factors")
          .mayOnlyBeAccessedByLayers(
              "commands",
              "laboratory",
              "recipes",
              "pages",
              "doctor",
              "runs",
              "measurements",
              "training")
          .whereLayer("output")
          .mayOnlyBeAccessedByLayers(
              "commands",
              "laboratory",
              "recipes",
              "pages",
              "doctor",
              "runs",
              "measurements",
              "training")
          .whereLayer("files")
          .mayOnlyBeAccessedByLayers(
              "commands",
              "laboratory",
              "recipes",
              "pages",
              "doctor",
              "runs",
              "measurements",
              "training",
              "store",
              "execution",
              "factors")
          .because("each layer is read without those above it");

  @ArchTest
  static final ArchRule tasksAreApartFromTheirExecution =
      noClasses()
          .that()
          .resideInAPackage("org.longrope.driver.execution")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "org.longrope.driver.execution.worker..",
              "org.longrope.driver.execution.spark..",
              "org.apache..",
              "scala..")
          .because("a task is a pure computation, wherever it runs");

  @ArchTest
  static final ArchRule driverPackagesHaveNoCycles =
      slices().assignedFrom(new DriverSlices()).should().beFreeOfCycles();

  /** Packages of the driver; those that all others use are slices of their own. */
  private static final class DriverSlices implements SliceAssignment {
    private static final String DRIVER = "org.longrope.driver.";
    private static final List<String> BASE =
        List.of("store.files", "report.table", "report.plot", "execution.spark");

    @Override
    public SliceIdentifier getIdentifierOf(JavaClass type) {
      String name = type.getPackageName();
      if (!name.startsWith(DRIVER)) {
        return SliceIdentifier.ignore();
      }
      String inner = name.substring(DRIVER.length());
      return SliceIdentifier.of(BASE.contains(inner) ? inner : inner.replaceAll("\\..*", ""));
    }

    @Override
    public String getDescription() {
      return "packages of the driver";
    }
  }

  @ArchTest
  static final ArchRule packagesOfARunHaveNoCycles =
      slices().matching("org.longrope.driver.run.(*)..").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule strategiesHaveNoCycles =
      slices().matching("org.longrope.search.(*)..").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule searchInterfaceKnowsNoStrategy =
      noClasses()
          .that()
          .resideInAPackage("org.longrope.search")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.longrope.search.(*)..")
          .because("a strategy is added in a package of its own");

  @ArchTest
  static final ArchRule modulesHaveNoCycles =
      slices().matching("org.longrope.(*)..").should().beFreeOfCycles();
}
