/** A row of buttons of which one is chosen. */

interface SegmentsProps<Id extends string> {
    label: string
    choices: readonly { readonly id: Id; readonly name: string }[]
    chosen: Id | undefined
    onChoose: (id: Id) => void
}

export function Segments<Id extends string>({ label, choices, chosen, onChoose }: SegmentsProps<Id>) {
    return (
        <fieldset className="segments" aria-label={label}>
            {choices.map(({ id, name }) => (
                <button key={id} type="button" aria-pressed={chosen === id} onClick={() => onChoose(id)}>
                    {name}
                </button>
            ))}
        </fieldset>
    )
}
