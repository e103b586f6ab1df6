/**
 * Splits text into words, without what copying, retyping and reformatting change.
 *
 * Master and leak go through the same steps. Text is normalised by NFKC, look-alike letters become Latin letters (after
 * Unicode UTS 39), and characters without a width are dropped. Quotes are straightened; then everything between words
 * is discarded.
 */

/**
 * Splits text into the words that are compared. If a word ends between `a` and `b`, the words of `a + b` are those of
 * `a`, then of `b`.
 */
export type Tokenise = (text: string) => readonly string[]

/** Look-alikes of Latin letters in Cyrillic, Greek, Armenian and Latin extensions, each pair `from` then `to`. */
const lookAlikes = new Map(
    [
        "аa еe оo рp сc уy хx іi ѕs јj һh ԛq ԝw ԁd ѵv ӏl АA ВB ЕE КK МM НH ОO РP СC ТT УY ХX ІI ЅS ЈJ ҮY ԚQ ԜW ԌG",
        "οo αa νv ρp ιi υu κk γy χx ωw ΑA ΒB ΕE ΖZ ΗH ΙI ΚK ΜM ΝN ΟO ΡP ΤT ΥY ΧX օo ոn սu հh ցg զq ɑa ɡg ɩi ıi ʟL",
        "‘' ’' ‛' ʼ' ʹ' ′' `' ´' “\" ”\" „\" ‟\" «\" »\" ″\" ‐- ‑- ‒- –- —- ―- −-",
    ].flatMap((line) => line.split(" ").map((pair): [string, string] => [pair.charAt(0), pair.charAt(1)])),
)

const invisible = /[\p{Cf}\p{Mn}\u{115F}\u{1160}\u{3164}]/gu
const foldable = /[^\0-\x5f\x61-\x7f]/g
const proseWord = /[\p{L}\p{N}]+(?:'\p{L}+)*/gu
const codeWord = /[\p{L}\p{N}_$]+|[^\p{L}\p{N}_$\s;,()]/gu

/**
 * Splits prose into words in lower case, without punctuation, spaces and formatting, and with contractions expanded.
 */
export const proseTokens: Tokenise = (text) => {
    const words = fold(text).toLowerCase().match(proseWord) ?? []
    return words.some((word) => word.includes("'") || word === "cannot") ? words.flatMap(expandContraction) : words
}

/** Expands a contraction: "don't" is "do not". Writers that keep to a house style contract or expand such words. */
function expandContraction(word: string): string[] {
    const whole = irregular.get(word)
    if (whole !== undefined) return whole.split(" ")
    const [, stem = "", ending = ""] = contraction.exec(word) ?? []
    return stem === "" ? [word] : [stem, endings.get(ending) ?? ending]
}

const contraction = /^(.+?)(n't|'re|'ve|'ll)$/
const endings = new Map([
    ["n't", "not"],
    ["'re", "are"],
    ["'ve", "have"],
    ["'ll", "will"],
])
const irregular = new Map(
    [
        "cannot=can not,can't=can not,won't=will not,shan't=shall not,i'm=i am",
        "it's=it is,that's=that is,there's=there is,here's=here is,what's=what is",
    ].flatMap((line) =>
        line.split(",").map((pair): [string, string] => [pair.split("=")[0] ?? "", pair.split("=")[1] ?? ""]),
    ),
)

/** Splits source code into words and signs, without spaces, `;`, `,`, `(` and `)`. All quotes become the same. */
export const codeTokens: Tokenise = (text) =>
    (fold(text).match(codeWord) ?? []).map((token) => (token === "'" ? '"' : token))

/** Checks whether two adjacent characters are inside one word, of prose or of code. */
export function insideWord(before: string, after: string): boolean {
    return wordLike.test(before) && wordLike.test(after)
}

const wordLike = /[\p{L}\p{N}\p{M}_$'’]/u

function fold(text: string): string {
    const plain = text.normalize("NFKC").normalize("NFD").replace(invisible, "")
    return plain.replace(foldable, (char) => lookAlikes.get(char) ?? char)
}
