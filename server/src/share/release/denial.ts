/**
 * Finds sentences that deny exploitation of a vulnerability, in English and German.
 *
 * It only helps the reader: it misses denials in other words, and a match may mean something else.
 */

/** The maximum length of a sentence. The rest of a longer line without a full stop is ignored. */
const sentenceMax = 1000
const sentencesMax = 20

const upToEightWords = String.raw`(?:\W+\w+){0,8}?\W+`
const exploitation =
    String.raw`(?:exploited|exploitation|exploits?|exploit attempts?|attacks?|attacked|abuse[ds]?|misused?` +
    "|in the wild)"
const observed = String.raw`(?:aware|known|seen|observed|detected|found|reported|confirmed|recorded|received)`
const evidence =
    String.raw`(?:known|evidence|signs?|indications?|reports?|reported|cases?|instances?|confirmed|active|actual` +
    "|public|knowledge|proof|attempts?)"

const denials: readonly RegExp[] = [
    `\\b(?:no|zero|any|without)\\W+${exploitation}\\W+(?:\\w+\\W+){0,4}?${observed}`,
    `\\b(?:no|zero|without(?: any)?)\\W+${evidence}${upToEightWords}${exploitation}\\b`,
    `\\b(?:no|zero|without(?: any)?)\\W+${evidence}\\W+${exploitation}\\b`,
    `\\b(?:no|zero)\\W+(?:exploitation|exploits?|attacks?|abuse)\\b`,
    `(?:\\b(?:not|never)|n['’]t)\\b${upToEightWords}(?:exploited|exploitation|attacks?|attacked|abused?|misused|in ` +
        `the wild)\\b`,
    `\\b(?:not|never)\\W+(?:exploited|attacked|abused|misused)\\b`,
    `\\bunaware of\\b${upToEightWords}${exploitation}\\b`,
    String.raw`\bunexploited\b`,
    `\\b${exploitation}\\b(?:\\W+\\w+){0,5}?\\W+(?:not|never)\\W+(?:\\w+\\W+){0,3}?${observed}\\b`,
    String.raw`\b(?:exploited|exploitation|attacks?|in the wild)\b[^:|\n]{0,20}[:|]` +
        String.raw`\W{0,4}(?:no|none|not|never|unknown)\b`,
    String.raw`\bkeine?[nrs]?\b(?:\W+[\wäöüß]+){0,5}?\W+(?:ausnutzung|ausgenutzt|angriffe?n?|missbrauch)`,
    String.raw`\bnicht\b(?:\W+[\wäöüß]+){0,5}?\W+(?:ausgenutzt|angegriffen|missbraucht)`,
    String.raw`\b(?:ausnutzung|angriffe?|missbrauch)\b(?:\W+[\wäöüß]+){0,5}?` +
        String.raw`\W+(?:nicht|keine)\b(?:\W+[\wäöüß]+){0,3}?\W+(?:bekannt|beobachtet|gemeldet)`,
].map((source) => new RegExp(source, "i"))

/** Lists the sentences of a text that deny exploitation, in order. */
export function denialSentencesIn(text: string): string[] {
    const sentences = text.replaceAll(/^#.*$/gm, "\n$&\n").split(/(?<=[.!?])\s+|\n\s*\n|\n(?=\s*[-*#|>])/)
    const lines = sentences.map((sentence) => sentence.replaceAll(/\s+/g, " ").trim().slice(0, sentenceMax))
    return lines.filter((line) => denials.some((denial) => denial.test(line))).slice(0, sentencesMax)
}
