/** The disclosed facts of a case: the text that is signed with a wave, next to the old text where it changes. */
import type { CaseAmendment, EarlierFacts } from "../../../../server/src/share/cases/disclosed-facts.ts"
import { Notice } from "../../kit/notice.tsx"
import { PermissionWords, deploymentNames } from "../../kit/permission.tsx"
import { labelled, productText } from "../../kit/products.tsx"
import { Lines } from "../../kit/table.tsx"
import type { Approval, Case } from "../answers.ts"
import type { Details } from "./case-rows.ts"
import { useWaves } from "./case-reads.ts"
import { TextDifference } from "./text-difference.tsx"
import { useCases, useNames } from "../artifacts/viewer.tsx"
import { t } from "../../messages/message.ts"

export interface Said {
    readonly case: string
    readonly revision: number
}

/** Shows the signed text that partners read about the case. */
export function SaidOf({ case: id, revision }: Said) {
    const input = useCases().data?.cases.find((thisCase) => thisCase.id === id)
    if (input === undefined) return t("revision {revision}", { revision })
    if (input.revision !== revision) return t("revision {revision}: changed since", { revision })
    return (
        <>
            <Lines items={linesOf({ details: input }, false)} />
            <PermissionWords permission={input.permission} />
        </>
    )
}

/** `whole`: includes the facts that partners do not see. */
function linesOf(notification: EarlierFacts, whole: boolean): string[] {
    if ("permission" in notification) {
        const { permission } = notification
        if (permission === null) return [t("Before publication: not specified whether fixes may be deployed")]
        return [
            t("Before publication: {permission}", { permission: deploymentNames[permission.deployment] }),
            permission.text,
        ]
    }
    const { title, vulnerabilities, finder, credit = "" } = notification.details
    return [
        t("Title: {title}", { title }),
        ...labelled(vulnerabilities).flatMap(({ label, cwe, score, vector, products }) => [
            t("Vulnerability: {facts}", {
                facts: [label, cwe, score ?? "", vector].filter((part) => part !== "").join(", "),
            }),
            ...products.map((product) =>
                t("{vulnerability} affects: {product}", { vulnerability: label, product: productText(product) }),
            ),
        ]),
        ...(whole
            ? [
                  finder === "" ? t("Found by: not named") : t("Found by: {finder}", { finder }),
                  credit === "" ? t("Public credit: no finder named") : t("Public credit: {credit}", { credit }),
              ]
            : []),
    ]
}

/** Shows an amendment to people who sign it and to people who edit cases. */
export function AmendmentText({ approval, caseId }: { approval: Approval; caseId: string }) {
    const title = useNames().case(caseId)
    if (approval.text === null) return null
    const { before, after } = approval.text as { before: EarlierFacts; after: CaseAmendment }
    const label = t("What partners read about {title} now, and after the change", { title })
    return (
        <TextDifference
            label={label}
            before={linesOf(before, true).join("\n")}
            after={linesOf(after, true).join("\n")}
        />
    )
}

/** Shows what a change of the facts adds and removes; nothing while they are the same. */
export function FactsDifference({ before, after }: { before: Details; after: Details }) {
    const [old, changed] = [before, after].map((details) => linesOf({ details }, true).join("\n"))
    if (old === undefined || changed === undefined || old === changed) return null
    return (
        <div className="stack">
            <strong>{t("Difference")}</strong>
            <TextDifference label={t("Difference")} before={old} after={changed} />
        </div>
    )
}

/** Says how many people a change needs, and which approvals it voids. */
export function AmendmentNotice({ subject }: { subject: Case }) {
    const waves = useWaves(subject.id).data?.waves ?? []
    const isRead = waves.some(({ releasedAt }) => releasedAt !== null)
    return (
        <Notice tone={isRead ? "due" : "plain"}>
            {isRead
                ? t(
                      "A wave is released: partners read the old text until a second person has signed the new one and it is applied.",
                  )
                : t("A change voids open requests and approvals of this case's waves. Request them again.")}
        </Notice>
    )
}
