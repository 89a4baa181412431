// SPDX-License-Identifier: Apache-2.0
// A libFuzzer harness for one reader, chosen when it is compiled (FUZZ_READER). A refusal without a place or a message
// counts as a crash. Run it as: fuzz_onnx CORPUS_FOLDER -max_total_time=600
#include "tests/fuzz/readers.h"

#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <fstream>

namespace {

const fuzz::Reader& reader()
{
    for (const fuzz::Reader& candidate : fuzz::readers())
        if (candidate.name == FUZZ_READER)
            return candidate;
    std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    static const std::filesystem::path file =
        std::filesystem::temp_directory_path() / ("fuzz-" FUZZ_READER "-" + std::to_string(getpid())) / reader().fileName;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary | std::ios::trunc).write(reinterpret_cast<const char*>(data), static_cast<std::streamsize>(size));
    const auto problem = reader().read(file);
    if (problem && (problem->place.empty() || problem->message.empty()))
        std::abort();
    return 0;
}
