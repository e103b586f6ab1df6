/** The questions to an applicant, with the server's limits, and the application built from the answers. */
import { valueText } from "@tocsin/base/value-text"
import {
    type Application,
    applicationBytesMax,
    automationLength,
    cvePattern,
    productClasses as classes,
    productsMax,
    regionsMax,
    longTextLength,
} from "../../../../server/src/trust/partners/onboarding/application.ts"
import { hasControls } from "../../../../server/src/trust/partners/agreements/obligation.ts"
import { validateNameAndMail } from "../../../../server/src/trust/partners/partner.ts"
import { type Answers, type Asked, faultBy, linesIn, tickedOf } from "../../kit/form.tsx"

export function asked(productClasses: readonly string[]): Asked[] {
    return [...requests, ...work(productClasses), ...stories]
}

const name = (value: string) => faultOf({ name: value.trim(), mail: "a@b" })
const mail = (value: string) => faultOf({ name: "a", mail: value.trim() })

const faultOf = (details: { name: string; mail: string }) => faultBy(() => validateNameAndMail(details))

const words = (value: string) => (hasControls(value) ? "it holds control characters" : null)

const requests: readonly Asked[] = [
    {
        name: "organisation",
        label: "Organisation",
        kind: "line",
        check: name,
        hint: "Its name, 120 characters at most.",
    },
    {
        name: "mail",
        label: "Address for warnings",
        kind: "line",
        check: mail,
        hint: "Of the organisation, and read by more than one person: it is told there when something is to be fetched.",
    },
    {
        name: "contactName",
        label: "Contact person",
        kind: "line",
        check: name,
        hint: "A person by name. If you are invited, this one comes in as your lead.",
    },
    { name: "contactMail", label: "Address of the contact person", kind: "line", check: mail, hint: "One of its own." },
]

const work = (productClasses: readonly string[]): Asked[] => [
    {
        name: "productClasses",
        label: "What you make or run",
        kind: "choices",
        from: productClasses.map((value) => ({ value, name: valueText(value) })),
        hint: "One at least.",
        check: (value) => (value === "" ? "tick one at least" : null),
    },
    {
        name: "products",
        label: "Products and services",
        kind: "text",
        check: lines(productsMax),
        hint: `One a line: ${productsMax.count} at most, each of ${productsMax.length} characters at most.`,
    },
    {
        name: "regions",
        label: "Regions",
        kind: "text",
        check: lines(regionsMax),
        hint: `Where those live whom you protect. One a line: ${regionsMax.count} at most, each of ${regionsMax.length} characters at most.`,
    },
]

const story = (value: string, label: string, hint: string): Asked => ({
    name: value,
    label,
    hint,
    kind: "text",
    length: longTextLength,
    check: words,
})

const stories: readonly Asked[] = [
    story("inHouseProtection", "How you protect yourselves", "What you protect of your own, and by what."),
    {
        name: "cve",
        label: "A worked example: its CVE id",
        kind: "line",
        hint: "Of a vulnerability that is patched and public already, like CVE-2024-3094.",
        check: (value) => (cvePattern.test(value.trim()) ? null : "that is no CVE id: it is like CVE-2024-3094"),
    },
    story(
        "example",
        "The worked example",
        "How you dealt with it, or would have: what you built, when, for whom. Show your own work; name nothing secret.",
    ),
    story("dataUse", "What becomes of a warning", "Who sees it, what is made of it, where it is kept, where it goes."),
    story("mailboxReaders", "Who reads the address for warnings", "By name and function, and on which days."),
    {
        name: "automation",
        label: "Programs that act by themselves",
        kind: "text",
        length: automationLength,
        hint: "On the mailbox or on what is fetched, without a person in between. Write “none” where there are none.",
        check: words,
    },
]

const lines = (max: { count: number; length: number }) => (value: string) => {
    const lines = linesIn(value)
    if (lines.length > max.count) return `${max.count} lines at most; these are ${lines.length}`
    const long = lines.findIndex((line) => [...line].length > max.length)
    if (long >= 0) return `line ${long + 1} is longer than ${max.length} characters`
    return words(value)
}

/** Builds the application. Throws the message to show if the body exceeds the server's limit. */
export function bodyOf(answers: Answers): Application {
    const pick = (value: string) => (answers[value] ?? "").trim()
    const body: Application = {
        organisation: pick("organisation"),
        mail: pick("mail"),
        contact: { name: pick("contactName"), mail: pick("contactMail") },
        productClasses: tickedOf(classes, answers, "productClasses"),
        products: linesIn(pick("products")),
        regions: linesIn(pick("regions")),
        inHouseProtection: pick("inHouseProtection"),
        workedExample: { cve: pick("cve"), text: pick("example") },
        dataUse: pick("dataUse"),
        mailboxReaders: pick("mailboxReaders"),
        automation: pick("automation"),
    }
    const bytes = new TextEncoder().encode(JSON.stringify(body)).length
    if (bytes > applicationBytesMax) {
        throw new Error(`all together has ${bytes} bytes, and ${applicationBytesMax} are the most: write less`)
    }
    return body
}
