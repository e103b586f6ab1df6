/**
 * Ways of writing the same that a house style makes all alike; how to read a line, and the law for a new one, in
 * lexicon.ts.
 */
export const fragile = `
that | which / prev NOUN / next VERB
which | that / prev NOUN / next VERB
ten > 10 / next servers hosts days minutes hours weeks requests attempts partners files lines
eleven > 11 / next servers hosts days minutes hours weeks requests attempts partners files lines
twelve > 12 / next servers hosts days minutes hours weeks months requests attempts partners files lines
fifteen > 15 / next servers hosts days minutes hours weeks months requests attempts partners files lines
twenty > 20 / next servers hosts days minutes hours weeks months requests attempts partners files lines
thirty > 30 / next servers hosts days minutes hours weeks months requests attempts partners files lines
sixty > 60 / next servers hosts days minutes hours weeks months requests attempts partners files lines
ninety > 90 / next servers hosts days minutes hours weeks months requests attempts partners files lines
whilst > while
amongst > among
e-mail | email
web site > website
web sites > websites
`
