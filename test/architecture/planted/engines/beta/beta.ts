export interface Beta { readonly id: string }
