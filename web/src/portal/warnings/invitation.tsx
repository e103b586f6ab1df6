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
import { Outside } from "../onboarding/sign-in-page.tsx"
import { ConsentBadge, ProposeEnd, Told, isAsked, isOver, termsOf } from "./notices.tsx"

type Invited = AnswerTo<"/api/invitations/read", "POST">

export function InvitationScreen() {
    const [secret, setSecret] = useState("")
    const [isOpen, setOpen] = useState(false)
    const invitation = useAnswer("/api/invitations/read", isOpen ? { secret } : null)
    return (
        <Outside title="An embargo that you are asked to keep">
            <Section title="Your invitation">
                <AskForm
                    requests={[
                        {
                            name: "secret",
                            label: "Your secret",
                            kind: "line",
                            hidden: true,
                            hint: "43 letters and digits, handed to you by the program.",
                            check: (value) =>
                                /^[\w-]{43}$/.test(value.trim())
                                    ? null
                                    : "a secret has 43 letters; this is another text",
                        },
                    ]}
                    submit="Open it"
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
    invited: Invited
    secret: string
}

function Embargo({ invited, secret }: PartProps) {
    const { now } = invited
    return (
        <Section title="The embargo" aside={<ConsentBadge request={invited} now={now} />}>
            <Told request={invited} now={now} lapsed="The end was moved beyond what you agreed to: answer once more." />
            {!isOver(invited, now) && <Acts invited={invited} secret={secret} />}
        </Section>
    )
}

/** Shows the actions. The operator decides proposals; a party that leaves gets no further notices. */
function Acts({ invited, secret }: PartProps) {
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
            button={accepts ? "Keep it…" : "Decline…"}
            title={accepts ? "Keep this embargo?" : "Decline this embargo?"}
            look={accepts ? "main" : "plain"}
        >
            {(close) => (
                <>
                    <p>
                        {accepts
                            ? "You keep secret what you know of it until its end. An earlier end binds you no longer than that; a later one is asked anew."
                            : "You are told nothing more of it. No answer is the same as declining."}
                    </p>
                    <div className="row end">
                        <Do
                            look={accepts ? "main" : "danger"}
                            write={writeTo("POST", "/api/invitations/answer", { secret, accepts })}
                            onDone={close}
                        >
                            {accepts ? "Keep it" : "Decline it"}
                        </Do>
                    </div>
                </>
            )}
        </Opens>
    )
}

function Leave({ secret }: { secret: string }) {
    return (
        <Opens button="Leave it…" title="Leave this embargo?">
            {(close) => (
                <>
                    <p>
                        It goes on for the others, and you are told no more of it. That you left before its end is kept.
                    </p>
                    <div className="row end">
                        <Do look="danger" write={writeTo("POST", "/api/invitations/exit", { secret })} onDone={close}>
                            Leave it
                        </Do>
                    </div>
                </>
            )}
        </Opens>
    )
}
