/** Renders the public page of the program: how it works, and what an applicant must meet. */
import type { Publisher } from "@tocsin/formats/advisory/advisory"
import { element } from "@tocsin/formats/advisory/markup"
import { annualReportPath, pageHead, pageOf, sectionOf } from "@tocsin/formats/advisory/public-page"
import type { Criterion } from "../../trust/partners/onboarding/admission.ts"

const steps = [
    [
        "A finder or a vendor reports a vulnerability.",
        "The operator agrees an embargo with the parties: a day of publication.",
    ],
    [
        "Partners get warnings in waves.",
        "The tier decides how early. Two people sign. Copies from the portal carry marks, if their format can.",
    ],
    ["Partners protect their customers.", "They report their protection status and the exploitation that they see."],
    ["The operator publishes the advisory.", "If exploitation starts or content leaks, the embargo can end early."],
] as const

export function renderProgram(publisher: Publisher, criteria: readonly Pick<Criterion, "text" | "required">[]): string {
    return pageOf(
        { title: `Early warning program of ${publisher.name}`, publisher, section: "program" },
        pageHead(
            [publisher.name],
            "Early warnings for organisations that protect others",
            element(
                "p",
                { class: "lead" },
                "Partners learn of vulnerabilities before publication, so that their protection is ready in time.",
            ),
        ),
        element(
            "div",
            { class: "halves" },
            sectionOf(
                "How it works",
                element(
                    "ol",
                    {},
                    ...steps.map(([title, text]) =>
                        element("li", {}, element("b", {}, title), " ", element("span", { class: "soft" }, text)),
                    ),
                ),
            ),
            sectionOf("Criteria for admission", ...criteriaLists(criteria)),
        ),
        sectionOf(
            "Results",
            element(
                "p",
                {},
                "After a year is over, the operator can publish an ",
                element("a", { href: annualReportPath }, "annual report"),
                " with the number of published cases and, if enough partners are counted, the share that reported " +
                    "protection before publication.",
            ),
            element("p", {}, element("a", { href: "/apply" }, "Apply to join"), ": you need no account."),
        ),
    )
}

function criteriaLists(criteria: readonly Pick<Criterion, "text" | "required">[]) {
    return [true, false].flatMap((required) => {
        const list = criteria.filter((criterion) => criterion.required === required)
        if (list.length === 0) return []
        return [
            element("h3", {}, required ? "Required" : "Also counted"),
            element("ul", {}, ...list.map(({ text }) => element("li", {}, text))),
        ]
    })
}
