/** Files on any Hadoop file system that outlive the process that writes them, however it ends. */
@NullMarked
package org.longrope.driver.files;

import org.jspecify.annotations.NullMarked;
