/* Whoever comes from Brian writes Brian's words, and Python's. The message says what is written here. */
#include "language/brian_words.h"

#include <stddef.h>
#include <string.h>

static const struct {
    const char *word, *here;
} words[] = {
    {"NeuronGroup", ": here it is 'population NAME[SIZE] { EQUATIONS … }'"},
    {"Synapses", ": here it is 'synapses NAME : SOURCE -> TARGET { … }'"},
    {"SpikeMonitor", ": here it is 'record spikes of NAME'"},
    {"StateMonitor", ": here it is 'record VARIABLE of NAME'"},
    {"EventMonitor", ": here it is 'record EVENT of NAME'"},
    {"PopulationRateMonitor", ": here it is 'record rate of NAME'"},
    {"PoissonGroup", ": here it is 'population NAME[SIZE] : poisson_group { rate = … }'"},
    {"PoissonInput", ": here it is 'population NAME : poisson_input { n = …; rate = … }'"},
    {"SpikeGeneratorGroup", ": here it is 'population NAME[SIZE] : spike_generator_group { spike_times = … }'"},
    {"TimedArray", ": here it is 'let NAME = timed_array(VALUES, DT)'"},
    {"linked_var", ": here it is 'linked(NAME.VARIABLE)'"},
    {"connect", ": here it is 'connect NAME by RULE'"},
    {"run_regularly", ": here it is 'every TIME { … }' in the model"},
    {"run_on_event", ": here it is 'event NAME if CONDITION { … }' in the model"},
    {"defaultclock", ": here it is 'simulation { dt = TIME }'"},
    {"def", ": here it is 'let NAME(x) = EXPRESSION'"},
    {"lambda", ": here it is 'let NAME(x) = EXPRESSION'"},
    {"if", ": here 'where(CONDITION, a, b)' chooses between two values"},
    {"from", ": nothing is imported here"},
    {"import", ": nothing is imported here"},
    {"True", ": here it is 'true'"},
    {"False", ": here it is 'false'"},
};

const char *brian_word_here(const char *word)
{
    for (size_t k = 0; k < sizeof words / sizeof *words; k++)
        if (strcmp(words[k].word, word) == 0)
            return words[k].here;
    return "";
}
