// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// How far a question beside the scoring of plans is.

namespace app {

enum class StudyState { Nothing, Waiting, Running, Done, Stopped, Failed };

inline bool isUnderWay(StudyState state) { return state == StudyState::Waiting || state == StudyState::Running; }

}  // namespace app
