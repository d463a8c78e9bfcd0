//! See the module `languages` of the library.

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    example_forms::serve(example_forms::languages::app().await?).await;
    Ok(())
}
