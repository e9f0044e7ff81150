/** How likely a model holds each of several continuations of one context. */
@NullMarked
package org.longrope.eval.choices;

import org.jspecify.annotations.NullMarked;
