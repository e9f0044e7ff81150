/** The forward pass: a TorchScript program that Java writes and DJL runs, weights as inputs. */
@NullMarked
package org.longrope.eval.decoder;

import org.jspecify.annotations.NullMarked;
