/** The questions to an applicant, with the server's limits, and the application built from the answers. */
import {
    type NewApplication,
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
import { wordsFault, wordsHint } from "../organisation/words-field.ts"
import { type Answers, type Asked, faultBy, linesIn, tickedOf } from "../../kit/form.tsx"
import { t, valueText } from "../../messages/message.ts"

export function asked(productClasses: readonly string[]): Asked[] {
    return [...organisation, ...work(productClasses), ...use, ...protection, ...contact]
}

const name = (value: string) => faultOf({ name: value.trim(), mail: "a@b" })
const mail = (value: string) => faultOf({ name: "a", mail: value.trim() })

const faultOf = (details: { name: string; mail: string }) => faultBy(() => validateNameAndMail(details))

const words = (value: string) => (hasControls(value) ? t("the text contains control characters") : null)

const organisation: readonly Asked[] = [
    {
        name: "organisation",
        heading: t("Your organisation"),
        label: t("Organisation"),
        kind: "line",
        check: name,
        hint: t("The name of the organisation, 120 characters at most."),
    },
    {
        name: "mail",
        label: t("Address for warnings"),
        kind: "line",
        check: mail,
        hint: t("An address of the organisation that several people read. Notices go there."),
    },
]

const work = (productClasses: readonly string[]): Asked[] => [
    {
        name: "productClasses",
        label: t("What you make or run"),
        kind: "choices",
        from: productClasses.map((value) => ({ value, name: valueText(value) })),
        hint: t("Choose one or more."),
        check: (value) => (value === "" ? t("choose one or more") : null),
    },
    {
        name: "products",
        label: t("Products and services"),
        kind: "text",
        check: lines(productsMax),
        hint: t("One line each: {lines} lines of {characters} characters at most.", {
            lines: productsMax.count,
            characters: productsMax.length,
        }),
    },
    {
        name: "regions",
        label: t("Regions"),
        kind: "text",
        check: lines(regionsMax),
        hint: t(
            "The countries of the people you protect, one a line: {lines} lines of {characters} characters at most.",
            { lines: regionsMax.count, characters: regionsMax.length },
        ),
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

const use: readonly Asked[] = [
    {
        ...story(
            "dataUse",
            t("How you use a warning"),
            t("Who sees it, what you make from it, where you store it, who gets the result."),
        ),
        heading: t("Use of warnings"),
    },
    story(
        "mailboxReaders",
        t("Who reads the address for warnings"),
        t("Names and functions, and on which days they read it."),
    ),
    {
        name: "automation",
        label: t("Automation"),
        kind: "text",
        length: automationLength,
        hint: t("Tools that act on the mailbox or on copies without a person. Write “none” if there are none."),
        check: words,
    },
]

const protection: readonly Asked[] = [
    {
        ...story("inHouseProtection", t("How you protect your own systems"), t("Which systems you protect, and how.")),
        heading: t("Your protection"),
    },
    {
        name: "cve",
        label: t("Example: CVE id"),
        kind: "line",
        hint: t("A vulnerability that is public and patched, for example CVE-2024-3094."),
        check: (value) => (cvePattern.test(value.trim()) ? null : t("not a CVE id: enter one like CVE-2024-3094")),
    },
    story(
        "example",
        t("Example: what you did"),
        t("Describe what you built, when, and for which customers. Show your own work and no secrets."),
    ),
]

const contact: readonly Asked[] = [
    {
        name: "contactName",
        heading: t("Your lead"),
        label: t("Contact person"),
        kind: "line",
        check: name,
        hint: t("First and last name. If you are invited, this person becomes your lead."),
    },
    {
        name: "contactMail",
        label: t("Address of the contact person"),
        kind: "line",
        check: mail,
        hint: t("A personal address of the contact person."),
    },
    {
        name: "recognitionWords",
        label: t("Recognition words"),
        kind: "line",
        optional: true,
        check: (value) => (value.trim() === "" ? null : wordsFault(value)),
        hint: `${wordsHint()} ${t("Mail to you with a sign-in link repeats them. No page shows them to staff.")}`,
    },
]

const lines = (max: { count: number; length: number }) => (value: string) => {
    const lines = linesIn(value)
    if (lines.length > max.count)
        return t("{max} lines at most; you entered {entered}", { max: max.count, entered: lines.length })
    const long = lines.findIndex((line) => [...line].length > max.length)
    if (long >= 0) return t("line {line} is longer than {max} characters", { line: long + 1, max: max.length })
    return words(value)
}

/** Builds the application. Throws the message to show if the body exceeds the server's limit. */
export function bodyOf(answers: Answers): NewApplication {
    const pick = (value: string) => (answers[value] ?? "").trim()
    const recognitionWords = pick("recognitionWords")
    const body: NewApplication = {
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
        ...(recognitionWords !== "" && { recognitionWords }),
    }
    const bytes = new TextEncoder().encode(JSON.stringify(body)).length
    if (bytes > applicationBytesMax) {
        throw new Error(
            t("the application has {bytes} bytes; the limit is {limit}: shorten it", {
                bytes,
                limit: applicationBytesMax,
            }),
        )
    }
    return body
}
