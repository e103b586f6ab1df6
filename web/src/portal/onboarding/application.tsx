/** The status of an application, read with its secret, and joining after an invitation. */
import { Link } from "@tanstack/react-router"
import { useState } from "react"
import { writeTo, type AnswerTo } from "../api.ts"
import { type ApplicationState, secretPattern } from "../../../../server/src/trust/partners/onboarding/application.ts"
import { Do } from "../../kit/button.tsx"
import { AskForm } from "../../kit/form.tsx"
import { When } from "../../kit/instant.tsx"
import { Badge, Section } from "../../kit/table.tsx"
import type { Tone } from "../../kit/notice.tsx"
import { Outside } from "./sign-in-page.tsx"

type Answered = AnswerTo<"/api/applications/check-status", "POST">

export function ApplicationScreen() {
    const [secret, setSecret] = useState("")
    const [answered, setAnswered] = useState<Answered | null>(null)
    return (
        <Outside title="Your application">
            <Section title="Ask for the answer">
                <AskForm
                    requests={[
                        {
                            name: "secret",
                            label: "Your secret",
                            kind: "line",
                            hidden: true,
                            hint: "43 letters and digits, shown once when you applied.",
                            check: (value) =>
                                secretPattern.test(value.trim())
                                    ? null
                                    : "a secret has 43 letters; this is another text",
                        },
                    ]}
                    submit="Ask"
                    write={(answers) => {
                        const value = (answers["secret"] ?? "").trim()
                        setSecret(value)
                        setAnswered(null)
                        return writeTo("POST", "/api/applications/check-status", { secret: value })
                    }}
                    onDone={setAnswered}
                />
            </Section>
            {answered !== null && <Answer answered={answered} secret={secret} />}
            <p className="caution">
                Not applied yet? <Link to="/apply">Apply to become a partner</Link>.
            </p>
        </Outside>
    )
}

const tones: Readonly<Record<ApplicationState, Tone>> = { waiting: "due", invited: "good", declined: "plain" }

function Answer({ answered: { state, since, message }, secret }: { answered: Answered; secret: string }) {
    return (
        <Section title="The answer" aside={<Badge tone={tones[state]}>{state}</Badge>}>
            <output>
                {words[state]} <span className="muted">Since</span> <When at={since} />
            </output>
            {message !== "" && (
                <blockquote>
                    <p className="muted">The program writes</p>
                    <p className="letter">{message}</p>
                </blockquote>
            )}
            {state === "invited" && <ComeIn secret={secret} />}
        </Section>
    )
}

const words: Readonly<Record<ApplicationState, string>> = {
    waiting: "Your application waits for a decision of persons. A message goes to your contact when there is one.",
    invited: "You are invited.",
    declined: "Your application was declined.",
}

/** Sends the sign-in link to the contact by mail, and shows it to no other person. */
function ComeIn({ secret }: { secret: string }) {
    const [isSent, setSent] = useState(false)
    return (
        <>
            <p className="caution">
                The contact of your application signs in as the lead of your organisation: it registers a key and
                accepts the agreement. Then two persons of the program admit you, and a new link goes to the contact.
                Each new link ends the sessions and links before it.
            </p>
            <Do look="main" write={writeTo("POST", "/api/applications/enrol", { secret })} onDone={() => setSent(true)}>
                Send sign-in link
            </Do>
            {isSent && <output>A sign-in link is on its way to the mailbox of the contact.</output>}
        </>
    )
}
