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

const words = (value: string) => (hasControls(value) ? "the text contains control characters" : null)

const requests: readonly Asked[] = [
    {
        name: "organisation",
        label: "Organisation",
        kind: "line",
        check: name,
        hint: "The name of the organisation, 120 characters at most.",
    },
    {
        name: "mail",
        label: "Address for warnings",
        kind: "line",
        check: mail,
        hint: "An address of the organisation that several people read. Notices go there.",
    },
    {
        name: "contactName",
        label: "Contact person",
        kind: "line",
        check: name,
        hint: "First and last name. If you are invited, this person becomes your lead.",
    },
    {
        name: "contactMail",
        label: "Address of the contact person",
        kind: "line",
        check: mail,
        hint: "A personal address of the contact person.",
    },
]

const work = (productClasses: readonly string[]): Asked[] => [
    {
        name: "productClasses",
        label: "What you make or run",
        kind: "choices",
        from: productClasses.map((value) => ({ value, name: valueText(value) })),
        hint: "Choose one or more.",
        check: (value) => (value === "" ? "choose one or more" : null),
    },
    {
        name: "products",
        label: "Products and services",
        kind: "text",
        check: lines(productsMax),
        hint: `One line each: ${productsMax.count} lines of ${productsMax.length} characters at most.`,
    },
    {
        name: "regions",
        label: "Regions",
        kind: "text",
        check: lines(regionsMax),
        hint: `Where the people live whom you protect. One line each: ${regionsMax.count} lines of ${regionsMax.length} characters at most.`,
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
    story("inHouseProtection", "How you protect your own systems", "Which systems you protect, and how."),
    {
        name: "cve",
        label: "Example: CVE id",
        kind: "line",
        hint: "A vulnerability that is public and patched, for example CVE-2024-3094.",
        check: (value) => (cvePattern.test(value.trim()) ? null : "not a CVE id: enter one like CVE-2024-3094"),
    },
    story(
        "example",
        "Example: what you did",
        "What you built for it, when and for whom. Show your own work, and nothing secret.",
    ),
    story(
        "dataUse",
        "How you use a warning",
        "Who sees it, what you make from it, where you store it, who gets the result.",
    ),
    story(
        "mailboxReaders",
        "Who reads the address for warnings",
        "Names and functions, and on which days they read it.",
    ),
    {
        name: "automation",
        label: "Automation",
        kind: "text",
        length: automationLength,
        hint: "Tools that act on the mailbox or on copies without a person. Write “none” if there are none.",
        check: words,
    },
]

const lines = (max: { count: number; length: number }) => (value: string) => {
    const lines = linesIn(value)
    if (lines.length > max.count) return `${max.count} lines at most; you entered ${lines.length}`
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
        throw new Error(`the application has ${bytes} bytes; the limit is ${applicationBytesMax}: shorten it`)
    }
    return body
}
