//! See the module `sub_forms` of the library.

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    example_forms::serve(example_forms::sub_forms::app().await?).await;
    Ok(())
}
