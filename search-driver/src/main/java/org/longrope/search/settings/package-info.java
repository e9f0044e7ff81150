/**
 * Definitions of settings: key, type, default, range and comment of each, declared once by the
 * package that uses it.
 *
 * <p>Begin reading at {@link org.longrope.search.settings.Setting}; a strategy declares its own in
 * a {@link org.longrope.search.settings.StrategyDefinition}.
 */
@NullMarked
package org.longrope.search.settings;

import org.jspecify.annotations.NullMarked;
