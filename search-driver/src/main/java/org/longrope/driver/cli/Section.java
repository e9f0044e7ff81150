package org.longrope.driver.cli;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Heading under which help lists an option or a command: on a field for one option, on a class for
 * all options that it declares, on a command class for the command itself.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.FIELD, ElementType.TYPE})
@interface Section {
  String EXECUTION = "Execution";
  String GENERAL = "General";
  String MORE = "More options";

  String value();
}
