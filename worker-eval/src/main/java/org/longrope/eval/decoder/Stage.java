package org.longrope.eval.decoder;

import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.IValue;
import java.util.List;

/**
 * Consecutive layers on one device.
 *
 * @param manager of the device
 * @param firstLayer index within the model
 * @param layers weights of each layer, a list of tensors in the order of {@link
 *     org.longrope.eval.family.LayerWeight}
 */
record Stage(PtNDManager manager, int firstLayer, List<IValue> layers) {}
