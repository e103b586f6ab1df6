/** The status of an application, read with its secret, and joining after an invitation. */
import { Link } from "@tanstack/react-router"
import { useState } from "react"
import { writeTo, type AnswerTo } from "../api.ts"
import { type ApplicationState, secretPattern } from "../../../../server/src/trust/partners/onboarding/application.ts"
import { useWrite } from "../../kit/api.ts"
import { ApplicantQuestions } from "./applicant-questions.tsx"
import { Do } from "../../kit/button.tsx"
import { AskForm } from "../../kit/form.tsx"
import { When } from "../../kit/instant.tsx"
import { Badge, Section } from "../../kit/table.tsx"
import type { Tone } from "../../kit/notice.tsx"
import { Outside } from "./outside.tsx"
import { rich, t, valueText } from "../../messages/message.ts"

type Status = AnswerTo<"/api/applications/check-status", "POST">

export function ApplicationScreen() {
    const [secret, setSecret] = useState("")
    const [status, setStatus] = useState<Status | null>(null)
    const again = useWrite<Status>(setStatus)
    return (
        <Outside
            title={t("Application status")}
            lead={
                <>
                    {rich(
                        "Enter the secret that you got when you applied. Not applied yet? <link>Apply to become a partner</link>",
                        { link: (text) => <Link to="/apply">{text}</Link> },
                    )}
                </>
            }
        >
            <Section title={t("Your application")}>
                <AskForm
                    requests={[
                        {
                            name: "secret",
                            label: t("Your secret"),
                            kind: "line",
                            hidden: true,
                            hint: t("43 letters and digits, shown once when you applied."),
                            check: (value) =>
                                secretPattern.test(value.trim()) ? null : t("a secret has 43 letters and digits"),
                        },
                    ]}
                    submit={t("Show status")}
                    write={(answers) => {
                        const value = (answers["secret"] ?? "").trim()
                        setSecret(value)
                        setStatus(null)
                        return writeTo("POST", "/api/applications/check-status", { secret: value })
                    }}
                    onDone={setStatus}
                />
            </Section>
            {status !== null && (
                <>
                    <StatusSection status={status} secret={secret} />
                    <ApplicantQuestions
                        questions={status.questions}
                        secret={secret}
                        isOpen={status.state === "waiting"}
                        onAnswered={() => again.mutate(writeTo("POST", "/api/applications/check-status", { secret }))}
                    />
                </>
            )}
        </Outside>
    )
}

const tones: Readonly<Record<ApplicationState, Tone>> = { waiting: "due", invited: "good", declined: "plain" }

function StatusSection({ status: { state, since, message, decideBy }, secret }: { status: Status; secret: string }) {
    return (
        <Section title={t("Status")} aside={<Badge tone={tones[state]}>{valueText(state)}</Badge>}>
            <output>
                {texts[state]}{" "}
                {rich("<muted>Since</muted> {since}", {
                    muted: (text) => <span className="muted">{text}</span>,
                    since: <When at={since} />,
                })}
            </output>
            {state === "waiting" && (
                <p className="muted">
                    {rich("The program promised a decision by {decideBy}.", { decideBy: <When at={decideBy} /> })}
                </p>
            )}
            {message !== "" && (
                <blockquote>
                    <p className="muted">{t("Message of the operator")}</p>
                    <p className="letter">{message}</p>
                </blockquote>
            )}
            {state === "invited" && <Join secret={secret} />}
        </Section>
    )
}

const texts: Readonly<Record<ApplicationState, string>> = {
    waiting: t("Your application is not decided yet. The contact person gets a mail when it is."),
    invited: t("You are invited."),
    declined: t("Your application was declined."),
}

/** Sends the sign-in link to the contact by mail, and shows it to no other person. */
function Join({ secret }: { secret: string }) {
    const [isSent, setSent] = useState(false)
    return (
        <>
            <p className="caution">
                {t(
                    "The contact person signs in as the lead of your organisation, adds a key and accepts the agreement. Then two people of the operator admit you. Each new link ends earlier links and sessions.",
                )}
            </p>
            <Do look="main" write={writeTo("POST", "/api/applications/enrol", { secret })} onDone={() => setSent(true)}>
                {t("Send sign-in link")}
            </Do>
            {isSent && <output>{t("The sign-in link is on its way to the contact person's mailbox.")}</output>}
        </>
    )
}
