/** The decision about an application: none yet, an invitation or a refusal, with its reason. */
import { Section } from "../../../kit/table.tsx"
import { Field } from "../../../kit/field.tsx"
import type { WholeApplication } from "../../access/policy-answers.ts"
import { useWhyNot } from "../../artifacts/viewer.tsx"
import type { ApplicationDecision } from "./scores.ts"
import { t } from "../../../messages/message.ts"

export interface DecisionInput {
    readonly decision: ApplicationDecision
    readonly reason: string
    readonly message: string
}

const decisions: readonly (readonly [ApplicationDecision, name: string, effect: string])[] = [
    ["none", t("Score only"), t("You or a colleague decide later.")],
    ["invited", t("Invite"), t("The contact joins as lead. It gets no content until two people admit the partner.")],
    ["declined", t("Decline"), t("You can invite the applicant later, if it meets the criteria.")],
]

interface DecisionFieldsProps {
    application: WholeApplication
    input: DecisionInput
    onChange: (input: DecisionInput) => void
}

export function DecisionFields({ application, input, onChange }: DecisionFieldsProps) {
    const reason = useWhyNot()("partner:write")
    const unmet = application.tally.unmet.length > 0 ? t("required criteria are not met") : null
    const reasonOf = (decision: ApplicationDecision) =>
        decision === "none" ? null : (reason ?? (decision === "invited" ? unmet : null))
    return (
        <Section title={application.state === "declined" ? t("New decision") : t("Your decision")}>
            <fieldset className="decision">
                <legend className="unseen">{t("Decision")}</legend>
                {decisions.map(([decision, name, effect]) => (
                    <label key={decision} className={input.decision === decision ? "panel on" : "panel"}>
                        <input
                            type="radio"
                            name="decision"
                            checked={input.decision === decision}
                            disabled={reasonOf(decision) !== null}
                            onChange={() => onChange({ ...input, decision })}
                        />
                        <strong>{name}</strong>
                        <small>{reasonOf(decision) ?? effect}</small>
                    </label>
                ))}
            </fieldset>
            {input.decision !== "none" && (
                <>
                    <Field
                        label={t("Reason")}
                        kind="text"
                        hint={t("for the operator; stored encrypted")}
                        value={input.reason}
                        onChange={(text) => onChange({ ...input, reason: text })}
                    />
                    <Field
                        label={t("Message to the applicant")}
                        kind="text"
                        optional
                        value={input.message}
                        onChange={(message) => onChange({ ...input, message })}
                    />
                </>
            )}
        </Section>
    )
}
