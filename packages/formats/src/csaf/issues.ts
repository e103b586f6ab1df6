/**
 * Checks a CSAF document that Tocsin has built, before it is sent: its form (`schema.ts`), the mandatory tests of the
 * standard that this form can still fail (`mandatory-tests.ts`), and that it is for these readers and tells one story.
 *
 * No other mandatory test can fail: the form has no field for what it tests, or only one value. `issues.test.ts` proves
 * this with the standard's own documents, and with an independent validator.
 */
import { schemaIssues } from "./schema.ts"
import { type Csaf, mandatoryIssues, repeated } from "./mandatory-tests.ts"

/** For everybody, once the case is public; or before that, for a group of readers. */
export type Readers = "everybody" | "group"

/** One line each; none for a document that may go out to these readers. */
export function csafIssues(text: string, readers: Readers = "everybody"): string[] {
    const csaf = JSON.parse(text) as Csaf
    return [
        ...schemaIssues(csaf),
        ...mandatoryIssues(csaf),
        ...readerIssues(csaf.document, readers),
        ...(csaf.vulnerabilities ?? []).flatMap(fixedProductIssues),
        ...historyIssues(csaf.document.tracking, readers),
    ]
}

/** Which tests they are of, and which places: nothing of what the document says, so that it may stand in a log. */
export function issuePlaces(issues: readonly string[]): string {
    return [...new Set(issues.map((fault) => /^6(?:\.\d+)+/.exec(fault)?.[0] ?? fault))].join("; ")
}

/** A fault of a CSAF document. */
export interface CsafIssue {
    /** `schema`, or the test's number; null for what no test of the standard asks. */
    readonly test: string | null
    /** Where in the document: exactly of its form, else the part of it that the test looks at. */
    readonly where: string
    readonly says: string
}

/** A line of `csafIssues`, in its parts. */
export function parseIssue(fault: string): CsafIssue {
    const [, field, form] = /^schema: (\/\S*) (.+)$/s.exec(fault) ?? []
    if (field !== undefined && form !== undefined) return { test: "schema", where: field, says: form }
    const [, test = null, message = fault] = /^(schema|6(?:\.\d+)+): (.+)$/s.exec(fault) ?? []
    return { test, where: placeOf(test, message), says: message }
}

const placesByTest: readonly (readonly [RegExp, string])[] = [
    [/^6\.1\.(?:1|2|31|27\.4)$/, "/product_tree"],
    [/^6\.1\.(?:14|1[6-9]|2[0-2]|30)$/, "/document/tracking"],
    [/^6\.1\.(?:38|39|40|41)$/, "/document/distribution"],
    [/^6\./, "/vulnerabilities"],
]

function placeOf(test: string | null, message: string): string {
    const [, place] = placesByTest.find(([tests]) => tests.test(test ?? "")) ?? []
    if (place !== undefined) return place
    if (/^it (?:began|was released)/.test(message)) return "/document/tracking"
    return /^it (?:is for|is not for|names)/.test(message) ? "/document/distribution" : "/document"
}

const uuid4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

function readerIssues({ csaf_version: version, distribution }: Csaf["document"], readers: Readers): string[] {
    const { tlp, sharing_group: group } = distribution ?? {}
    const isOpen = tlp?.label === "WHITE" || tlp?.label === "CLEAR"
    if (readers === "everybody") return isOpen && group === undefined ? [] : ["it is not for everybody"]
    return [
        ...(isOpen || tlp?.label === "GREEN" ? ["it is for more than its readers"] : []),
        ...(version === "2.0" || uuid4.test(group?.id ?? "") ? [] : ["it names no group"]),
    ]
}

/** As ids are given here: of what is fixed it is the same product that was affected. */
function fixedProductIssues({
    product_status: { fixed = [], known_affected: affected = [] } = {},
}: Vulnerability): string[] {
    return fixed
        .filter((id) => !affected.includes(id.replace(/-FIXED$/, "")))
        .map((id) => `6.1.27.13: the product ${id} is fixed, and was never affected`)
}

type Vulnerability = NonNullable<Csaf["vulnerabilities"]>[number]

function historyIssues(tracking: Csaf["document"]["tracking"], readers: Readers): string[] {
    const { revision_history: history, status, version } = tracking
    const wanted = readers === "everybody" ? "final" : "interim"
    const numbers = history.map(({ number }) => number)
    const isInOrder = history.every((_, n) => n === 0 || isAfter(history[n - 1], history[n]))
    return [
        ...(isInOrder ? [] : ["6.1.14: out of order"]),
        ...(version === numbers.at(-1) ? [] : ["6.1.16: the version is not the newest revision"]),
        ...(status === wanted ? [] : [`6.1.17: it is ${status}, and not ${wanted}`]),
        ...(isNumbered(numbers, readers) ? [] : ["6.1.21: a revision is missing"]),
        ...repeated(numbers).map((number) => `6.1.22: two revisions ${number}`),
        ...(history[0]?.date === tracking.initial_release_date ? [] : ["it began at another time"]),
        ...(history.at(-1)?.date === tracking.current_release_date ? [] : ["it was released at another time"]),
    ]
}

type Revision = Csaf["document"]["tracking"]["revision_history"][number]

function isAfter(before: Revision | undefined, revision: Revision | undefined): boolean {
    if (!before || !revision || Date.parse(revision.date) < Date.parse(before.date)) return false
    return before.number.localeCompare(revision.number, "en", { numeric: true }) <= 0
}

/**
 * In whole numbers without a gap; for a group, whose versions are counted in several places, below one major version.
 */
function isNumbered(numbers: readonly string[], readers: Readers): boolean {
    if (readers === "everybody") return numbers.every((number, n) => number === String(n + 1))
    return numbers.length > 0 && numbers.every((number) => /^1\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)$/.test(number))
}
