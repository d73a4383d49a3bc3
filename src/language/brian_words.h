#ifndef GLION_LANGUAGE_BRIAN_WORDS_H
#define GLION_LANGUAGE_BRIAN_WORDS_H

/* What stands here for a word that Brian's users know from Python: a text for messages, ": …", or "" for other words. In static
 * memory. */
const char *brian_word_here(const char *word);

#endif
