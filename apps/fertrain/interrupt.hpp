// Ctrl-C and SIGTERM ask for a stop after the current step; a second one ends the program at once.
#pragma once

namespace fertrain {

void watch_for_interrupt();
bool interrupted();

}  // namespace fertrain
