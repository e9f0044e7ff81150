/**
 * Scores of several continuations of one context, for multiple-choice benchmarks. Begin reading at
 * {@link org.longrope.eval.choices.ChoiceScorer}.
 */
@NullMarked
package org.longrope.eval.choices;

import org.jspecify.annotations.NullMarked;
