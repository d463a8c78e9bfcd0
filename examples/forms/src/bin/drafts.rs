//! See the module `drafts` of the library.

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    example_forms::serve(example_forms::drafts::app().await?).await;
    Ok(())
}
