package org.longrope.eval.libtorch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.longrope.eval.BadInputException;

class LibtorchLibraryTest {
  private static final String PATH = "PYTORCH_LIBRARY_PATH";

  @TempDir Path directory;
  private final FakeHost host = new FakeHost();

  private void assertRejected(String... parts) {
    assertThatThrownBy(() -> LibtorchLibrary.find(host))
        .isInstanceOf(BadInputException.class)
        .hasMessageContainingAll(parts);
  }

  @Test
  void find_nothingNamedAndNoDriver_isTheLibraryOnTheClassPathWithoutAskingAPython() {
    LibtorchLibrary library = LibtorchLibrary.find(host);

    assertThat(library.folder()).isNull();
    assertThat(library.flavour()).isEqualTo("cpu");
    assertThat(library.warnings()).isEmpty();
    assertThat(library.text()).isEqualTo("2.7.1 (cpu) of the class path");
  }

  @ParameterizedTest
  @CsvSource({
    "2.7.1+cu126, true, true, cu128",
    "2.7.1+cu126, true, false, cpu",
    "2.7.1+cpu, false, true, cpu",
    "2.7.1, false, false, cpu"
  })
  void find_wheelAtThePath_hasTheFlavourOfWhatLiesThereAndOfTheDriver(
      String version, boolean cuda, boolean driver, String flavour) throws IOException {
    Path lib = TorchFolders.wheel(directory, version, cuda);
    host.set(PATH, lib).driver = driver;

    LibtorchLibrary library = LibtorchLibrary.find(host);

    assertThat(library.folder()).isEqualTo(lib);
    assertThat(library.version()).isEqualTo(version);
    assertThat(library.flavour()).isEqualTo(flavour);
    assertThat(library.warnings()).hasSize(cuda && !driver ? 1 : 0);
  }

  @Test
  void find_cudaBuildWithoutADriver_warnsThatTheDriverIsMissing() throws IOException {
    host.set(PATH, TorchFolders.wheel(directory, "2.7.1+cu126", true));

    assertThat(LibtorchLibrary.find(host).warnings())
        .singleElement()
        .asString()
        .contains("has CUDA and computes on the CPU", "libcuda.so.1 cannot be loaded");
  }

  @Test
  void find_cudaBuildWhereJniHasNoCuda_computesOnTheCpuAndSaysWhy() throws IOException {
    host.set(PATH, TorchFolders.wheel(directory, "2.7.1+cu126", true)).withDriver().flavours =
        Set.of("cpu");

    LibtorchLibrary library = LibtorchLibrary.find(host);

    assertThat(library.flavour()).isEqualTo("cpu");
    assertThat(library.warnings()).singleElement().asString().contains("no JNI with CUDA");
  }

  @Test
  void find_unpackedZip_readsItsBuildVersion() throws IOException {
    Path lib = TorchFolders.libraries(directory.resolve("libtorch/lib"), false);
    Files.writeString(directory.resolve("libtorch/build-version"), "2.7.1+cu128\n");
    host.set(PATH, lib);

    assertThat(LibtorchLibrary.find(host).version()).isEqualTo("2.7.1+cu128");
  }

  @Test
  void find_folderWithHeaders_readsTheirVersion() throws IOException {
    Path lib = TorchFolders.libraries(directory.resolve("lib"), false);
    Path header = directory.resolve("include/torch/csrc/api/include/torch/version.h");
    Files.createDirectories(header.getParent());
    Files.writeString(
        header, "#define TORCH_VERSION_MAJOR 2\n#define TORCH_VERSION \\\n  \"2.7.1\"\n");
    host.set(PATH, lib);

    assertThat(LibtorchLibrary.find(host).version()).isEqualTo("2.7.1");
  }

  @Test
  void find_linkToTheFolder_readsTheVersionBesideTheFolderItself() throws IOException {
    Path lib = TorchFolders.wheel(directory, "2.7.1", false);
    host.set(PATH, Files.createSymbolicLink(directory.resolve("link"), lib));

    assertThat(LibtorchLibrary.find(host).version()).isEqualTo("2.7.1");
  }

  @Test
  void find_severalPathsOrTheLibraryItself_isTheFirstThatHasLibtorch() throws IOException {
    Path lib = TorchFolders.wheel(directory, "2.7.1", false);

    host.set(PATH, directory + java.io.File.pathSeparator + lib);
    assertThat(LibtorchLibrary.find(host).folder()).isEqualTo(lib);
    host.set(PATH, lib.resolve(System.mapLibraryName("torch")));
    assertThat(LibtorchLibrary.find(host).folder()).isEqualTo(lib);
  }

  @ParameterizedTest
  @ValueSource(strings = {"2.15.0", "2.7.0+cu126", "2.7.10", "2.7.1a0+nv25.04"})
  void find_anotherVersion_isRejectedByNumber(String version) throws IOException {
    host.set(PATH, TorchFolders.wheel(directory, version, true)).withDriver();

    assertRejected(version, "expected 2.7.1", "pip install torch==2.7.1", PATH);
  }

  @Test
  void find_unknownVersion_isRejectedUnlessTheUserStatesIt() throws IOException {
    host.set(PATH, TorchFolders.libraries(directory.resolve("lib"), false));

    assertRejected("does not state its version", "PYTORCH_VERSION=2.7.1");
    host.set("PYTORCH_VERSION", "2.7.1");
    assertThat(LibtorchLibrary.find(host).version()).isEqualTo("2.7.1");
  }

  @Test
  void find_statedVersionThatJniIsNotBoundTo_isRejected() {
    host.set("PYTORCH_VERSION", "2.5.1");

    assertRejected("PYTORCH_VERSION is 2.5.1", "expected 2.7.1");
  }

  @Test
  void find_folderWithoutLibtorch_isRejectedAndTheOneBelowIsNamed() throws IOException {
    host.set(PATH, directory);
    assertRejected(directory.toString(), "has no libtorch", "lib folder of torch 2.7.1");

    Path lib = TorchFolders.wheel(directory, "2.7.1", false);
    host.set(PATH, lib.getParent());
    assertRejected("Is it " + lib + "?");
  }

  @Test
  void find_flavourThatJniLacks_isRejectedWithThoseThatItHas() throws IOException {
    host.set(PATH, TorchFolders.wheel(directory, "2.7.1+cu126", true)).withDriver();
    host.set("PYTORCH_FLAVOR", "cu126-precxx11");

    assertRejected("no flavour cu126-precxx11 for linux-x86_64", "cpu or cu128", "unset");
  }

  @Test
  void find_cudaFlavourOfACpuBuild_isRejected() throws IOException {
    host.set(PATH, TorchFolders.wheel(directory, "2.7.1+cpu", false)).withDriver();
    host.set("PYTORCH_FLAVOR", "cu128");

    assertRejected("PYTORCH_FLAVOR is cu128", "has no CUDA");
  }

  @Test
  void find_platformWithoutJni_isRejected() throws IOException {
    host.set(PATH, TorchFolders.wheel(directory, "2.7.1+cpu", false)).flavours = Set.of();

    assertRejected("no flavour cpu", "expected none");
  }

  @Test
  void find_driverAndPythonsTorchWithCuda_isThatTorch() throws IOException {
    Path lib = TorchFolders.wheel(directory, "2.7.1+cu126", true);
    host.withDriver().pythons.put("python3", new PythonTorch(lib, ""));

    LibtorchLibrary library = LibtorchLibrary.find(host);

    assertThat(library.flavour()).isEqualTo("cu128");
    assertThat(library.text()).isEqualTo("2.7.1+cu126 (cu128) at " + lib + " by python3");
  }

  @Test
  void find_driverAndAnUnfitPython_computesOnTheCpuAndSaysWhy() throws IOException {
    host.withDriver().pythons.put("python3", new PythonTorch(null, "has no package torch"));
    assertThat(LibtorchLibrary.find(host).warnings())
        .singleElement()
        .asString()
        .contains("python3 has no package torch", "pip install torch==2.7.1", "LONGROPE_PYTHON=");

    Path other = TorchFolders.wheel(directory.resolve("other"), "2.9.0+cu128", true);
    host.pythons.put("python3", new PythonTorch(other, ""));
    LibtorchLibrary library = LibtorchLibrary.find(host);
    assertThat(library.folder()).isNull();
    assertThat(library.warnings()).singleElement().asString().contains("has torch 2.9.0+cu128");

    Path cpu = TorchFolders.wheel(directory.resolve("cpu"), "2.7.1+cpu", false);
    host.pythons.put("python3", new PythonTorch(cpu, ""));
    assertThat(LibtorchLibrary.find(host).warnings())
        .singleElement()
        .asString()
        .contains("has torch 2.7.1+cpu, which DJL cannot load with CUDA here");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-1", "NoDevFiles"})
  void find_driverWhoseGpusAreHidden_asksNoPython(String visible) {
    host.withDriver().set("CUDA_VISIBLE_DEVICES", visible);

    assertThat(LibtorchLibrary.find(host).warnings()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"LONGROPE_PYTHON", PATH})
  void find_variableSetToNothing_keepsToTheClassPath(String variable) {
    host.withDriver().set(variable, "");

    assertThat(LibtorchLibrary.find(host).folder()).isNull();
  }

  @Test
  void find_namedPython_isUsedWithoutADriverAndRejectedWithoutTorch() throws IOException {
    Path lib = TorchFolders.wheel(directory, "2.7.1+cpu", false);
    host.set("LONGROPE_PYTHON", "/venv/bin/python");
    host.pythons.put("/venv/bin/python", new PythonTorch(lib, ""));
    assertThat(LibtorchLibrary.find(host).folder()).isEqualTo(lib);

    host.pythons.put("/venv/bin/python", new PythonTorch(null, "has no package torch"));
    assertRejected("LONGROPE_PYTHON is /venv/bin/python, which has no package torch", "2.7.1");
  }

  @Test
  void find_classPathWithoutLibtorch_isPythonsOrRejected() throws IOException {
    host.bundled = false;
    host.pythons.put("python3", new PythonTorch(null, "cannot be run"));
    assertRejected("no libtorch for linux-x86_64", "python3 cannot be run", PATH);

    Path lib = TorchFolders.wheel(directory, "2.7.1", false);
    host.pythons.put("python3", new PythonTorch(lib, ""));
    assertThat(LibtorchLibrary.find(host).folder()).isEqualTo(lib);
  }
}
