# SPDX-License-Identifier: Apache-2.0
# cmake --install build/release --prefix PREFIX: the two programs, what they open by name, and what a desktop asks for.
# The programs find share/polarizer above themselves, so the prefix may move.
include(GNUInstallDirs)

install(TARGETS polar polarizer RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})

set(library_folder ${CMAKE_INSTALL_DATADIR}/polarizer)
install(DIRECTORY resources/networks DESTINATION ${library_folder}/resources
        FILES_MATCHING PATTERN "*.onnx" PATTERN "network.json" PATTERN "*.md" PATTERN "LICENSE*" PATTERN training EXCLUDE)
install(DIRECTORY resources/ DESTINATION ${library_folder}/resources
        FILES_MATCHING PATTERN "*.json" PATTERN "*.md" PATTERN networks EXCLUDE PATTERN desktop EXCLUDE)
install(DIRECTORY datasets DESTINATION ${library_folder} PATTERN make EXCLUDE PATTERN __pycache__ EXCLUDE)

install(FILES resources/desktop/polarizer.desktop DESTINATION ${CMAKE_INSTALL_DATADIR}/applications)
install(FILES resources/desktop/polarizer.svg DESTINATION ${CMAKE_INSTALL_DATADIR}/icons/hicolor/scalable/apps)
install(FILES resources/desktop/polarizer-mime.xml DESTINATION ${CMAKE_INSTALL_DATADIR}/mime/packages RENAME polarizer.xml)
install(FILES README.md CHANGELOG.md LICENSES/Apache-2.0.txt LICENSES/GPL-3.0-or-later.txt DESTINATION ${CMAKE_INSTALL_DOCDIR})
