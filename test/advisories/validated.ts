/** Checks CSAF documents against the standard's schemas and mandatory tests, with an independent validator. */
import * as schemas20 from "@secvisogram/csaf-validator-lib/schemaTests.js"
import * as mandatory20 from "@secvisogram/csaf-validator-lib/mandatoryTests.js"
import * as schemas21 from "@secvisogram/csaf-validator-lib/csaf_2_1/schemaTests.js"
import * as mandatory21 from "@secvisogram/csaf-validator-lib/csaf_2_1/mandatoryTests.js"
import type { CsafVersion } from "@tocsin/formats/csaf/document"

/** The schema and 6.1.* only, because other tests of the library fetch what a document names. */
const tests = {
    "2.0": [schemas20["csaf_2_0_strict"], ...Object.values(mandatory20)],
    "2.1": [schemas21["csaf_2_1"], ...Object.values(mandatory21)],
} satisfies Record<CsafVersion, unknown>

/** The library tests in floating point whether a score is a multiple of 0.1, which fails for 8.3. */
function isMisread(score: unknown): boolean {
    return typeof score === "number" && !Number.isInteger(score / 0.1)
}

/** The library computes the 4.0 score from base metrics only; the standard's own documents count all metrics. */
const beyondBase = /"vectorString":"CVSS:4\.0\/[^"]*\/SA:[HLN]\//

interface LibraryFault {
    readonly test: string
    readonly place: string
    readonly message: string
}

async function faultsByLibrary(document: unknown, version: CsafVersion): Promise<LibraryFault[]> {
    const faults: LibraryFault[] = []
    for (const input of tests[version]) {
        if (typeof input !== "function") continue
        const { isValid, errors = [] } = await input(document)
        const test = input.name
        faults.push(...errors.map(({ instancePath, message }) => ({ test, place: instancePath, message })))
        if (isValid === false && errors.length === 0) faults.push({ test, place: "", message: "not valid" })
    }
    return faults
}

const lineOf = ({ test, place, message }: LibraryFault): string => `${test} ${place}: ${message}`

/** All that the library reports, right or wrong. */
export async function libraryFaults(document: unknown, version: CsafVersion): Promise<string[]> {
    return (await faultsByLibrary(document, version)).map(lineOf)
}

export async function faultsOf(document: unknown, version: CsafVersion): Promise<string[]> {
    const misread = /"cvss_v4":\{[^}]*"baseScore":([\d.]+)/g
    const text = JSON.stringify(document)
    const isUnsure = beyondBase.test(text) || [...text.matchAll(misread)].some(([, score]) => isMisread(Number(score)))
    const faults = await faultsByLibrary(document, version)
    return faults.filter(({ place }) => !(isUnsure && place.includes("/cvss_v4"))).map(lineOf)
}
