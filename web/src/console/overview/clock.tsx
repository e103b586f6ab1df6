/** The demonstration clock: its instant, the next event, and moving it. Production has no such clock. */
import { useRead, writeTo } from "../api.ts"
import { Do } from "../../kit/button.tsx"
import { Opens } from "../../kit/dialog.tsx"
import { AskForm } from "../../kit/form.tsx"
import { When } from "../../kit/instant.tsx"
import type { Clock } from "../answers.ts"
import { useMe } from "../artifacts/viewer.tsx"

export function ClockControl() {
    const clock = useRead(useMe().clockIsMoved ? "/api/demo/clock" : null).data
    if (clock === undefined) return null
    const { now, next } = clock
    return (
        <div className="clock">
            <span className="clock-now">
                <span className="muted">Clock</span> <When at={now} short />
            </span>
            <Opens button="Move on…" title="Move the demonstration's clock">
                {(close) => (
                    <>
                        <p>
                            It stands at <When at={now} />. It only moves on, and everything on the way happens: waves
                            fall, and the partners of the demonstration fetch and acknowledge.
                        </p>
                        <NextSteps next={next} onDone={close} />
                        <AskForm
                            requests={[{ name: "to", label: "To any instant", kind: "instant", initial: now }]}
                            submit="Move there"
                            look="plain"
                            write={({ to }) => writeTo("POST", "/api/demo/clock", { to })}
                            onDone={close}
                        />
                    </>
                )}
            </Opens>
        </div>
    )
}

function NextSteps({ next, onDone }: { next: Clock["next"]; onDone: () => void }) {
    if (next.length === 0) return <p className="muted">Nothing more is planned.</p>
    return (
        <ol className="steps">
            {next.map(({ at, description: kind }, n) => (
                <li key={`${at} ${kind}`}>
                    <span>
                        <When at={at} short /> <span className="muted">{kind}</span>
                    </span>
                    <Do
                        look={n === 0 ? "main" : "plain"}
                        write={writeTo("POST", "/api/demo/clock", { to: at })}
                        onDone={onDone}
                    >
                        {n === 0 ? "Advance to the next" : "Advance to here"}
                    </Do>
                </li>
            ))}
        </ol>
    )
}
