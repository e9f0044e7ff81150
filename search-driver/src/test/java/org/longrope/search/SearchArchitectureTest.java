package org.longrope.search;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packagesOf = SearchArchitectureTest.class)
class SearchArchitectureTest {
  @ArchTest
  static final ArchRule searchKnowsNoClusterAndNoEngine =
      noClasses()
          .that()
          .resideInAPackage("org.longrope.search")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.apache..", "scala..", "ai.djl..")
          .because(
              "the search only asks and is told; how scores are computed is another package's");
}
