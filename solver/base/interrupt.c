#define _POSIX_C_SOURCE 200809L
#include "solver/base/interrupt.h"

#include <signal.h>
#include <stddef.h>
#include <string.h>

static volatile sig_atomic_t requested = 0;

static void on_signal(int number)
{
    if (requested && number == SIGINT) {
        (void)signal(SIGINT, SIG_DFL);
        (void)raise(SIGINT);
    }
    requested = 1;
}

void interrupt_catch(void)
{
    static const int numbers[] = {SIGUSR1, SIGUSR2, SIGINT, SIGTERM};
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = on_signal;
    action.sa_flags = SA_RESTART;
    (void)sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        (void)sigaction(numbers[i], &action, NULL);
    }
}

bool interrupt_requested(void)
{
    return requested != 0;
}

void interrupt_request(void)
{
    requested = 1;
}

void interrupt_clear(void)
{
    requested = 0;
}
