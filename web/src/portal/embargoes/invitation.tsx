/**
 * The invitation page of an external party (finder or vendor): it accepts the embargo by its secret, without sign-in.
 */
import { useState } from "react"
import { useAnswer, writeTo, type AnswerTo } from "../api.ts"
import { Do } from "../../kit/button.tsx"
import { Opens } from "../../kit/dialog.tsx"
import { AskForm } from "../../kit/form.tsx"
import { Loaded } from "../../kit/notice.tsx"
import { Section } from "../../kit/table.tsx"
import { Outside } from "../onboarding/outside.tsx"
import { ConsentBadge, EmbargoTerms, ProposeEnd } from "./embargo-terms.tsx"
import { isAsked, isOver, termsOf } from "./terms.ts"
import { t } from "../../messages/message.ts"

type Opened = AnswerTo<"/api/invitations/read", "POST">

export function InvitationScreen() {
    const [secret, setSecret] = useState("")
    const [isOpen, setOpen] = useState(false)
    const invitation = useAnswer("/api/invitations/read", isOpen ? { secret } : null)
    return (
        <Outside
            title={t("Embargo invitation")}
            lead={t("Enter the secret that the operator gave you. You need no account.")}
        >
            <Section title={t("Your invitation")}>
                <AskForm
                    requests={[
                        {
                            name: "secret",
                            label: t("Your secret"),
                            kind: "line",
                            hidden: true,
                            hint: t("43 letters and digits, from the operator."),
                            check: (value) =>
                                /^[\w-]{43}$/.test(value.trim()) ? null : t("a secret has 43 letters and digits"),
                        },
                    ]}
                    submit={t("Open invitation")}
                    write={({ secret: typed }) => {
                        setSecret(typed.trim())
                        setOpen(false)
                        return writeTo("POST", "/api/invitations/read", { secret: typed.trim() })
                    }}
                    onDone={() => setOpen(true)}
                />
            </Section>
            {isOpen && <Loaded query={invitation}>{(invited) => <Embargo invited={invited} secret={secret} />}</Loaded>}
        </Outside>
    )
}

interface PartProps {
    invited: Opened
    secret: string
}

function Embargo({ invited, secret }: PartProps) {
    const { now } = invited
    return (
        <Section title={t("Embargo")} aside={<ConsentBadge request={invited} now={now} />}>
            <EmbargoTerms
                request={invited}
                now={now}
                lapsed={t("The end is now later than the one that you accepted. Answer again.")}
            />
            {!isOver(invited, now) && <Actions invited={invited} secret={secret} />}
        </Section>
    )
}

/** Shows the actions. The operator decides proposals; a party that leaves gets no further notices. */
function Actions({ invited, secret }: PartProps) {
    const isIn = invited.state === "signatory" || invited.state === "expired"
    if (!isIn && !isAsked(invited)) return null
    return (
        <div className="row end">
            <ProposeEnd
                request={invited}
                write={(endsAt) => writeTo("POST", "/api/invitations/proposals", { secret, endsAt })}
            />
            {isIn && <Leave secret={secret} />}
            {isAsked(invited) && <Answer secret={secret} accepts={false} />}
            {isAsked(invited) && termsOf(invited) !== null && <Answer secret={secret} accepts />}
        </div>
    )
}

function Answer({ secret, accepts }: { secret: string; accepts: boolean }) {
    return (
        <Opens
            button={accepts ? t("Accept…") : t("Decline…")}
            title={accepts ? t("Accept this embargo?") : t("Decline this embargo?")}
            look={accepts ? "main" : "plain"}
        >
            {(close) => (
                <>
                    <p>
                        {accepts
                            ? t(
                                  "You keep secret what you know of the case until the embargo ends. An earlier end binds you only until then. If the end moves later, the operator asks you again.",
                              )
                            : t("You get no further notices about this embargo. No answer counts as declined.")}
                    </p>
                    <div className="row end">
                        <Do
                            look={accepts ? "main" : "danger"}
                            write={writeTo("POST", "/api/invitations/answer", { secret, accepts })}
                            onDone={close}
                        >
                            {accepts ? t("Accept embargo") : t("Decline embargo")}
                        </Do>
                    </div>
                </>
            )}
        </Opens>
    )
}

function Leave({ secret }: { secret: string }) {
    return (
        <Opens button={t("Leave embargo…")} title={t("Leave this embargo?")}>
            {(close) => (
                <>
                    <p>
                        {t(
                            "The embargo continues for the others. You get no further notices about it. The operator sees that you left early.",
                        )}
                    </p>
                    <div className="row end">
                        <Do look="danger" write={writeTo("POST", "/api/invitations/exit", { secret })} onDone={close}>
                            {t("Leave embargo")}
                        </Do>
                    </div>
                </>
            )}
        </Opens>
    )
}
