/**
 * Settings of a search: one schema, from which options, configuration files, validation, run.json
 * and the reference page are made.
 *
 * <p>Begin reading at {@link org.longrope.driver.run.settings.SearchSchema}.
 */
@NullMarked
package org.longrope.driver.run.settings;

import org.jspecify.annotations.NullMarked;
