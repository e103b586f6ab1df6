declare module "@secvisogram/csaf-validator-lib/*" {
    interface Result {
        readonly isValid?: boolean
        readonly errors?: readonly { readonly message: string; readonly instancePath: string }[]
    }
    const tests: Readonly<Record<string, (document: unknown) => Result | Promise<Result>>>
    export = tests
}
