/**
 * Description of a model: what its config.json makes of it, in a table and as JSON.
 *
 * <p>Begin reading at {@link org.longrope.driver.inspect.InspectedModel}.
 */
@NullMarked
package org.longrope.driver.inspect;

import org.jspecify.annotations.NullMarked;
