// Expat's header declares its limits on amplification only to those who define XML_DTD, as the
// library itself was built; versions before 2.4.0 have none.
#define XML_DTD 1
#include <expat.h>

// Lets entities make no more than twice a document of it, from its first byte on; nothing where
// Expat cannot. The five predefined ones count as well, and are each shorter than their names.
static inline void specie_expat_forbid_amplification(XML_Parser parser) {
#if XML_MAJOR_VERSION > 2 || (XML_MAJOR_VERSION == 2 && XML_MINOR_VERSION >= 4)
  XML_SetBillionLaughsAttackProtectionMaximumAmplification(parser, 2.0f);
  XML_SetBillionLaughsAttackProtectionActivationThreshold(parser, 0);
#else
  (void)parser;
#endif
}
