/**
 * The application form, without sign-in. It reports at each field what the server would refuse. After sending, it shows
 * the secret and the reference once.
 */
import { Link } from "@tanstack/react-router"
import { useEffect, useState } from "react"
import { applicationBytesMax } from "../../../../server/src/trust/partners/onboarding/application.ts"
import { type AnswerTo, useRead, writeTo } from "../api.ts"
import { Button } from "../../kit/button.tsx"
import { AskForm } from "../../kit/form.tsx"
import { Loaded, Notice } from "../../kit/notice.tsx"
import { Once } from "../../kit/once.tsx"
import { Badge, Section } from "../../kit/table.tsx"
import { asked, bodyOf } from "./apply-form.ts"
import { Outside } from "./sign-in-page.tsx"
import { saveAs } from "../../kit/save-file.ts"

type Offered = AnswerTo<"/api/application-form">

type Applied = AnswerTo<"/api/applications", "POST">

export function Apply() {
    const offered = useRead("/api/application-form")
    const [applied, setApplied] = useState<Applied | null>(null)
    if (applied !== null) return <Kept applied={applied} />
    return (
        <Outside title="Apply to become a partner">
            <p className="caution">
                Partners are warned of vulnerabilities before they are public, so persons look closely into each
                application. What you write is sealed, and read by those who decide. You need no account; if you have
                applied already, <Link to="/application">ask for the answer</Link>.
            </p>
            <Loaded query={offered}>
                {({ productClasses, criteria }) => (
                    <>
                        <Criteria criteria={criteria} />
                        <Section title="Your application">
                            <p className="caution">
                                All together takes {applicationBytesMax / 1024} KiB, which is some ten pages. Nothing is
                                kept before you send it.
                            </p>
                            <AskForm
                                requests={asked(productClasses)}
                                submit="Send the application"
                                write={(answers) => writeTo("POST", "/api/applications", bodyOf(answers))}
                                onDone={setApplied}
                            />
                        </Section>
                    </>
                )}
            </Loaded>
        </Outside>
    )
}

function Criteria({ criteria }: { criteria: Offered["criteria"] }) {
    return (
        <Section title="What it is looked at by">
            <ul className="reasons">
                {criteria.map(({ text, required }) => (
                    <li key={text}>
                        <Badge tone={required ? "due" : "plain"}>{required ? "required" : "counts"}</Badge>
                        <span>{text}</span>
                    </li>
                ))}
            </ul>
        </Section>
    )
}

/** Asks before the viewer leaves without saving the secret, because it cannot be shown again. */
function useAskBeforeLeaving(): void {
    useEffect(() => {
        const ask = (event: BeforeUnloadEvent) => event.preventDefault()
        window.addEventListener("beforeunload", ask)
        return () => window.removeEventListener("beforeunload", ask)
    }, [])
}

function Kept({ applied: { secret, reference } }: { applied: Applied }) {
    const [sure, setSure] = useState(false)
    const file = `secret: ${secret}\nreference: ${reference}\naddress: ${window.location.origin}/application\n`
    return (
        <Outside title="Your application is sent">
            {sure ? (
                <Notice>
                    Put away. <Link to="/application">Ask for the answer</Link> whenever you want to.
                </Notice>
            ) : (
                <Secrets secret={secret} reference={reference} />
            )}
            {!sure && (
                <div className="row end">
                    <Button onPress={() => saveAs("application.txt", file)}>Save both as a file</Button>
                    <Button look="main" onPress={() => setSure(true)}>
                        I have kept both
                    </Button>
                </div>
            )}
        </Outside>
    )
}

function Secrets({ secret, reference }: Applied) {
    useAskBeforeLeaving()
    return (
        <>
            <p>
                A message goes to your contact's address when there is an answer. It does not say which: that is told
                here, to whoever has the secret. Nobody can show the two again, or make others for this application.
            </p>
            <Section title="The secret, for you alone">
                <p className="caution">By it you ask for the answer, and come in once you are invited.</p>
                <Once kind="Your secret" secret={secret} />
            </Section>
            <Section title="The reference, for who knows you">
                <p className="caution">
                    Hand it to partners of the program who would vouch for you. It opens nothing, and tells them nothing
                    of what you wrote.
                </p>
                <Once kind="Your reference" secret={reference} />
            </Section>
        </>
    )
}
