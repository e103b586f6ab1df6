/** The number of slots in the project's own texts: advisories by document, rules and data by kind. */
import { readFileSync, readdirSync } from "node:fs"
import { applyCodeword, isCounted } from "@tocsin/marks/carriers/carrier"
import { loadMarkFormat } from "@tocsin/marks/carriers/registry"
import { isLasting } from "@tocsin/marks/evidence/reach"
import { loadParser } from "@tocsin/marks/grammars"

const folders = ["server/src/demo/content/toolshell", "server/src/demo/content/bypass", "test/fixtures/rules"]
const goal = 8
const advisories = ["test/vectors/advisories", "server/src/demo/content/toolshell", "server/src/demo/content/bypass"]
/** The maximum number of words per robust slot. */
const wordsGoal = 8

/** The start of one rule of a kind; a data file counts as one. */
const kinds: Readonly<Record<string, RegExp | null>> = {
    yml: /^title:/gm,
    yar: /^(?:private )?rule /gm,
    rules: /^alert /gm,
    json: null,
}

interface RuleCounts {
    files: number
    rules: number
    robust: number
    fragile: number
    bits: number
    /** The smallest number of slots per rule among the files. */
    least: number
}

/** Prints the slots of each text and kind; returns whether each has its minimum. */
export async function printDensity(): Promise<boolean> {
    const ofTexts = await printTexts()
    return (await printRules()) && ofTexts
}

async function printTexts(): Promise<boolean> {
    process.stdout.write(
        "slots of the project's own advisories; robust are those that outlive normalising, reformatting and a " +
            "house style;\n" +
            "of them the author wrote some in braces\n",
    )
    const files = advisories.flatMap((folder) =>
        readdirSync(folder)
            .filter((name) => name.endsWith(".md"))
            .map((name) => `${folder}/${name}`),
    )
    const list = await Promise.all(files.map(countText))
    for (const [n, file] of files.entries()) {
        const counts = list[n]
        if (counts !== undefined) process.stdout.write(`  ${file.padEnd(46)} ${textLine(counts)}\n`)
    }
    const isMet = list.every(({ words, robust }) => words <= wordsGoal * robust)
    process.stdout.write(`  a robust slot for ${wordsGoal} words in every document: ${isMet ? "kept" : "MISSED"}\n\n`)
    return isMet
}

interface TextCounts {
    words: number
    robust: number
    authored: number
    fragile: number
}

async function countText(file: string): Promise<TextCounts> {
    const text = readFileSync(file, "utf8")
    const slots = (await loadMarkFormat(file, loadParser))?.carrier.slots(text) ?? []
    const words = applyCodeword(text, slots, []).match(/\S*[\p{L}\p{N}]\S*/gu)?.length ?? 0
    const robust = slots.filter(isLasting)
    const authored = robust.filter(({ kind }) => kind === "alternative" || kind === "value").length
    return { words, robust: robust.length, authored, fragile: slots.filter(isCounted).length - robust.length }
}

function textLine({ words, robust, authored, fragile }: TextCounts): string {
    const each = (words / robust).toFixed(1)
    return (
        `${String(words).padStart(4)} words: ${String(robust).padStart(3)} robust ` +
        `(${String(authored).padStart(3)} authored), ${fragile} fragile; ${each} words a robust slot`
    )
}

/** Prints the slots of each kind of rule and data; returns whether every kind of rule has its minimum. */
async function printRules(): Promise<boolean> {
    process.stdout.write(
        "slots of the project's own rules and data; robust are those that outlive storing and sorting keys\n",
    )
    let isMet = true
    for (const [ending, begins] of Object.entries(kinds)) {
        const values = await countRules(ending, begins)
        const each = (count: number) => (count / values.rules).toFixed(1)
        const kind = begins === null ? "file" : "rule"
        process.stdout.write(
            `  .${ending.padEnd(6)} ${values.files} files, ${values.rules} ${kind}s: ${each(values.robust)} ` +
                `robust a ${kind} ` +
                `(${values.least.toFixed(1)} where fewest), ${each(values.fragile)} fragile, ` +
                `${each(values.bits)} bits\n`,
        )
        if (begins !== null) isMet &&= values.least >= goal
    }
    process.stdout.write(`  ${goal} robust slots a rule in every file: ${isMet ? "kept" : "MISSED"}\n\n`)
    return isMet
}

async function countRules(ending: string, begins: RegExp | null): Promise<RuleCounts> {
    const counted: RuleCounts = { files: 0, rules: 0, robust: 0, fragile: 0, bits: 0, least: Infinity }
    for (const folder of folders) {
        for (const name of readdirSync(folder).filter((item) => item.endsWith(`.${ending}`))) {
            const text = readFileSync(`${folder}/${name}`, "utf8")
            const slots = (await loadMarkFormat(name, loadParser))?.carrier.slots(text) ?? []
            const rules = begins === null ? 1 : (text.match(begins)?.length ?? 0)
            const robust = slots.filter(isLasting).length
            counted.files++
            counted.rules += rules
            counted.robust += robust
            counted.fragile += slots.length - robust
            counted.bits += slots.reduce((sum, { variants }) => sum + Math.log2(variants.length), 0)
            counted.least = Math.min(counted.least, robust / rules)
        }
    }
    return counted
}
